using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>
/// All frames of a space: one array over the whole of it, so that number and frame follow from each other by
/// arithmetic. Address space is reserved for all, memory stands behind the populated ranges, and frames are
/// initialised a section at a time when the first of them is asked for.
/// </summary>
/// <remarks>Kernel: the vmemmap array of sparse memory; <c>pfn_to_page</c>, <c>page_to_pfn</c>.</remarks>
internal sealed unsafe partial class FrameMap
{
    internal const int SectionShift = 15;
    internal const ulong PagesPerSection = 1UL << SectionShift;

    private const int SubsectionShift = SectionShift - 6; // Ranges begin and end at multiples of 512 frames, so a bit is of one range or of none.

    private readonly ulong _capacity;
    private readonly long _bytes;
    private readonly long _base;
    private readonly long* _ready; // One word a section, one bit for 512 frames: they are a range's, and initialised.
    private readonly Pinned<long> _lock = new();
    private readonly List<Populated> _populated = []; // Under the lock.

    internal FrameMap(int addressBits)
    {
        _capacity = 1UL << (addressBits - Pfn.PageShift);
        _bytes = (long)(_capacity << PageFrame.FrameShift);
        // Reserved as the frames are: from the heap it might be cleared, and with that take all of its memory.
        _ready = (long*)NativeBlocks.Reserve(ReadyBytes);
        _base = NativeBlocks.Reserve(_bytes);
        if (_ready != null && _base != 0 && NativeBlocks.Commit((long)_ready, ReadyBytes))
            return;
        if (_base != 0)
            NativeBlocks.Release(_base, _bytes);
        if (_ready != null)
            NativeBlocks.Release((long)_ready, ReadyBytes);
        throw new InsufficientMemoryException($"No address space for the frames of {_capacity} pages.");
    }

    // Whole pages, of whatever size.
    private long ReadyBytes => Math.Max(1 << 16, (long)(_capacity >> SectionShift) * sizeof(long));

    /// <summary>Frames the space can have.</summary>
    internal ulong Capacity => _capacity;

    /// <summary>Address of frame 0.</summary>
    internal long Base => _base;

    /// <summary>The address of a frame below the capacity, whether there is memory behind it or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PageFrame* Locate(ulong pfn) => (PageFrame*)(_base + (long)(pfn << PageFrame.FrameShift));

    /// <summary>The number of a frame, by arithmetic; a value above the capacity for a pointer from elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong NumberOf(PageFrame* frame) => (ulong)((long)frame - _base) >> PageFrame.FrameShift;

    /// <summary>The frame of a number, initialised; null where no range is populated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PageFrame* Find(ulong pfn) => pfn < _capacity && (IsReady(pfn) || Initialise(pfn)) ? Locate(pfn) : null;

    /// <summary>As <see cref="Find"/>; null too where the frames cannot be initialised now, because a disk is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PageFrame* TryFind(ulong pfn) => pfn < _capacity && (IsReady(pfn) || TryInitialise(pfn)) ? Locate(pfn) : null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsReady(ulong pfn) => Has(ReadyIn(pfn >> SectionShift), pfn);

    // ORDER(frames-2) acquire. Pairs with ORDER(frames-1): who sees a bit sees every frame of its range in the section initialised.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long ReadyIn(ulong section) => Atomic.LoadAcquire(_ready + section);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Has(long ready, ulong pfn) => (ready >> (int)(pfn >> SubsectionShift) & 1) != 0; // A shift takes the last six bits of its count.

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Initialise(ulong pfn)
    {
        ulong section = pfn >> SectionShift;
        // A section has one range, whose bits come all at once: a number without one is behind it, and not worth the lock.
        if (ReadyIn(section) is not 0 and var ready)
            return Has(ready, pfn);
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        int index = IndexOf(section);
        if (index < 0)
            return false;
        long* word = _ready + section;
        if (Atomic.LoadLocal(word) == 0)
        {
            // ORDER(frames-1) store-release: the frames are written before the bits say so. Pairs with ORDER(frames-2).
            Atomic.StoreRelease(word, InitialiseSection(section, _populated[index]));
        }
        return _populated[index].Range.Contains(new Pfn(pfn));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryInitialise(ulong pfn)
    {
        try
        {
            return Initialise(pfn);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Every word of every frame is written: a reopened file has old frames. Returns the bits of those that the range has in the section.
    private long InitialiseSection(ulong section, in Populated populated)
    {
        ulong first = Math.Max(section << SectionShift, populated.Range.Start.Value);
        ulong end = Math.Min((section + 1) << SectionShift, populated.Range.Start.Value + populated.Range.Length);
        populated.Storage?.EnsureAllocated(
            populated.StorageOffset + ((long)(first - populated.Range.Start.Value) << PageFrame.FrameShift), (long)(end - first) << PageFrame.FrameShift);
        FrameOwner owner = populated.Owner;
        for (ulong pfn = first; pfn < end; pfn++)
        {
            PageFrame* frame = Locate(pfn);
            bool usable = pfn >= populated.FirstUsable;
            Atomic.StoreLocal(&frame->Count, usable ? owner.IdleCount : 1);
            Atomic.StoreLocal(&frame->Flags, (long)(owner.InitialFlags | (usable ? PageFlags.None : PageFlags.Reserved)));
            Atomic.StoreLocal(&frame->Owner, usable ? populated.Handle : 0);
            Atomic.StoreLocal(&frame->DriverData, 0);
            Atomic.StoreLocal(&frame->Lru, owner.InitialLru);
        }
        return (long)(ulong.MaxValue >> (64 - (int)((end - first) >> SubsectionShift)) << (int)(first >> SubsectionShift));
    }

    private int IndexOf(ulong section)
    {
        for (int i = 0; i < _populated.Count; i++)
        {
            PfnRange range = _populated[i].Range;
            if (section >= range.Start.Value >> SectionShift && section <= (range.Start.Value + range.Length - 1) >> SectionShift)
                return i;
        }
        return -1;
    }

    private readonly record struct Populated(
        PfnRange Range, ulong FirstUsable, FrameOwner Owner, long Handle, RegionMemory? Storage, long StorageOffset);
}
