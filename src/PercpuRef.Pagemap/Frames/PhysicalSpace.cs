using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A "physical" address space: ranges of RAM and of devices with real memory behind them, and the frames that
/// describe their pages. Any number may exist.</summary>
/// <remarks>
/// <para>Kernel: <c>iomem_resource</c>, the direct map and the vmemmap array.</para>
/// <para>Thread-safety: every member may be called from any thread; lookups never wait.</para>
/// </remarks>
public sealed unsafe partial class PhysicalSpace : IDisposable
{
    /// <summary>Bits of an address, unless chosen: 46, for 64 TiB.</summary>
    public const int DefaultAddressBits = 46;

    private readonly Pinned<Words> _words = new();
    private PhysicalRegion[] _regions = []; // Sorted; replaced whole, under the lock.

    /// <summary>Creates a space without any memory.</summary>
    /// <param name="addressBits">30 to 50. Address space (not memory) of a 64th part is reserved for the frames.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="addressBits"/> is out of range.</exception>
    /// <exception cref="OutOfMemoryException">No address space.</exception>
    public PhysicalSpace(int addressBits = DefaultAddressBits)
    {
        if (addressBits is < 30 or > 50)
            throw new ArgumentOutOfRangeException(nameof(addressBits), addressBits, "An address has 30 to 50 bits.");
        Ram = new RamPool(this);
        Frames = new FrameMap(addressBits); // Last: it holds what the garbage collector does not take back.
    }

    /// <summary>The frames after the last possible one: 2^(address bits - 12).</summary>
    public ulong Capacity => Frames.Capacity;

    internal FrameMap Frames { get; }

    internal RamPool Ram { get; }

    internal bool IsDisposed => Atomic.LoadAcquire(&Shared->Disposed) != 0;

    /// <summary>The page of a number; <c>default</c> where no frames are.</summary>
    /// <remarks>Arithmetic and one load; the first lookup of a section of 32,768 pages initialises its frames. The
    /// result is valid while the caller holds the page or its map. Kernel: <c>pfn_to_page</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Page PfnToPage(Pfn pfn) => new(Frames.Find(pfn.Value));

    /// <summary>The number of a page.</summary>
    /// <exception cref="ArgumentException">It is no page of this space.</exception>
    /// <remarks>Kernel: <c>page_to_pfn</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pfn PageToPfn(Page page)
    {
        ulong number = Frames.NumberOf(page.Frame);
        return number < Frames.Capacity ? new Pfn(number) : ThrowForeign();
    }

    /// <summary>The region of a frame, or null.</summary>
    public PhysicalRegion? FindRegion(Pfn pfn)
    {
        PhysicalRegion[] regions = Atomic.LoadReference(ref _regions);
        int low = 0;
        for (int high = regions.Length; low < high;)
        {
            int middle = (low + high) >> 1;
            if (regions[middle].Range.Start.Value <= pfn.Value)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && regions[low - 1].Range.Contains(pfn) ? regions[low - 1] : null;
    }

    /// <summary>How a range lies to the regions of a kind.</summary>
    /// <exception cref="PfnRangeException">The range is empty or wraps.</exception>
    /// <remarks>Kernel: <c>region_intersects</c>.</remarks>
    public RegionIntersection Intersects(PfnRange range, RegionKind kind = RegionKind.SystemRam)
    {
        if (range.Length == 0)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Empty);
        if (range.Length > ulong.MaxValue - range.Start.Value)
            throw new PfnRangeException(nameof(range), range, PfnRangeFault.Wraps);
        ulong covered = 0;
        bool other = false;
        foreach (PhysicalRegion region in Atomic.LoadReference(ref _regions))
        {
            if (!region.Range.Overlaps(range))
                continue;
            if (region.Kind == kind)
                covered += Math.Min(region.Range.End.Value, range.End.Value) - Math.Max(region.Range.Start.Value, range.Start.Value);
            else
                other = true;
        }
        if (covered == 0)
            return RegionIntersection.Disjoint;
        return other || covered != range.Length ? RegionIntersection.Mixed : RegionIntersection.Intersects;
    }

    /// <summary>The memory of a page, while the caller holds it.</summary>
    /// <exception cref="ArgumentException">It is no page of this space.</exception>
    /// <exception cref="AccessFaultException">The process cannot address it, or nothing stands behind it.</exception>
    /// <remarks>Kernel: <c>page_address</c>, <c>kmap</c>.</remarks>
    public Span<byte> Memory(Page page)
    {
        Pfn pfn = PageToPfn(page);
        PhysicalRegion? region = FindRegion(pfn);
        if (region is null || region.Backing == RegionBacking.Protected)
            throw new AccessFaultException($"The process cannot address page {pfn.Value}.");
        return new Span<byte>(region.Address + ((pfn.Value - region.Range.Start.Value) << Pfn.PageShift), 1 << Pfn.PageShift);
    }

    private static Pfn ThrowForeign() => throw new ArgumentException("The page belongs to another space.", "page");

    private Words* Shared => _words.Pointer;

    private struct Words
    {
        internal long Lock;
        internal long Disposed;
    }
}
