using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A "virtual" address space: areas, and page tables that say which page stands at an address. Pages can be
/// read, written and pinned through it, also while others unmap them or unbind their device.</summary>
/// <remarks>
/// <para>Kernel: <c>struct mm_struct</c>. Addresses are numbers below 2^48, not pointers.</para>
/// <para>Thread-safety: every member, from any thread. Mapping and unmapping exclude everything but
/// <see cref="GetUserPagesFast"/>, which takes no lock.</para>
/// </remarks>
public sealed unsafe partial class AddressSpace : IDisposable
{
    /// <summary>Addresses are below 2^48.</summary>
    public const int AddressBits = PageTable.AddressBits;

    private readonly Pinned<Words> _words = new();

    /// <summary>Creates an empty address space.</summary>
    /// <param name="table">Where the maps of devices are registered. Must have a <see cref="PagemapTable.Space"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="table"/> is null.</exception>
    /// <exception cref="ArgumentException">The table has no space.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the page tables.</exception>
    public AddressSpace(PagemapTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        Space = table.Space ?? throw new ArgumentException("The table of an address space needs a physical space.", nameof(table));
        Table = table;
        Zeros = new ZeroPage(Space, &Shared->ZeroLock);
        Pages = new PageTable(); // Last: nothing after it fails, so nothing gives its native memory back.
    }

    /// <summary>Where the maps of devices are registered.</summary>
    public PagemapTable Table { get; }

    /// <summary>Where the pages are.</summary>
    public PhysicalSpace Space { get; }

    /// <summary>Faults that found the page without moving data. Kernel: <c>min_flt</c>.</summary>
    public long MinorFaults => Atomic.LoadAcquire(&Shared->MinorFaults);

    /// <summary>Faults that moved data. Kernel: <c>maj_flt</c>.</summary>
    public long MajorFaults => Atomic.LoadAcquire(&Shared->MajorFaults);

    internal PageTable Pages { get; }

    internal AreaList Areas { get; } = new();

    internal ZeroPage Zeros { get; }

    internal bool IsDisposed => Atomic.LoadAcquire(&Shared->Disposed) != 0;

    private Words* Shared => _words.Pointer;

    /// <summary>What is mapped at an address, without a fault.</summary>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Takes no lock. Kernel: <c>follow_pte</c>.</remarks>
    public PageTableEntry Lookup(ulong address)
    {
        using EpochReader reader = Table.Epoch.Enter();
        ThrowIfDisposed();
        return address >> AddressBits == 0 ? Pages.Read(address) : default;
    }

    /// <summary>Unmaps everything and frees the page tables. Pinned pages stay valid until they are put. May be called twice.</summary>
    /// <exception cref="InvalidOperationException">Inside a read section, for which this would wait. Nothing was changed.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the list of its pages. Nothing was changed.</exception>
    /// <remarks>An exception of a driver's free callback reaches the caller when all is done, as in <see cref="Unmap"/> and
    /// <see cref="Discard"/>. Kernel: <c>exit_mmap</c>.</remarks>
    public void Dispose()
    {
        Table.Epoch.CheckMayWait(nameof(Dispose));
        var cleared = default(Cleared);
        EnterWrite();
        bool first;
        Area[] areas;
        try
        {
            foreach (Area area in Areas.All)
                Pages.Expect(area.Start, area.End, ref cleared);
            first = Atomic.Exchange(&Shared->Disposed, 1) == 0;
            areas = Areas.Replace([]);
            foreach (Area area in areas)
                Pages.Clear(area.Start, area.End, ref cleared);
        }
        finally
        {
            ExitWrite();
        }
        if (!first)
            return;
        foreach (Area area in areas)
            area.Backing.Detach(area);
        try
        {
            cleared.Drop(this);
        }
        finally
        {
            Table.Epoch.WaitForReaders(); // Also when nothing was mapped: the tables go.
            Zeros.Release();
            Pages.Release();
        }
    }

    internal void CountMinorFault() => Atomic.FetchAdd(&Shared->MinorFaults, 1);

    internal void CountMajorFault() => Atomic.FetchAdd(&Shared->MajorFaults, 1);

    internal void ThrowIfDisposed()
    {
        if (IsDisposed)
            ThrowDisposed();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowDisposed() => throw new ObjectDisposedException(nameof(AddressSpace));

    private struct Words
    {
        internal long Map; // Of the map lock.
        internal long MapWriters;
        internal long Disposed;
        internal long Gate; // Changes whenever a claimed entry is published.
        internal long MinorFaults;
        internal long MajorFaults;
        internal long ZeroLock;
    }
}
