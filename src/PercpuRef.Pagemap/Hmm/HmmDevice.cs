using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>
/// The built-in device with unaddressable memory: it keeps the free pages in a list, copies to and from the host in
/// batches, and brings a page back when the processor wants it. Its memory lies in a mapping that the process cannot
/// touch, so that an access which missed its fault is caught at once.
/// </summary>
/// <remarks>Kernel: a driver such as nouveau's <c>nouveau_dmem</c>, or <c>test_hmm</c>. Thread-safety: every member, from any thread.</remarks>
public sealed unsafe partial class HmmDevice : HmmDevmemOps
{
    private readonly Pinned<Words> _words = new();

    private readonly ToDevice _toDevice;

    private HmmDevice() => _toDevice = new ToDevice(this);

    /// <summary>Its memory.</summary>
    public HmmDevmem Memory { get; private set; } = null!;

    /// <summary>Pages that somebody holds.</summary>
    public long AllocatedPages => Atomic.LoadAcquire(&Shared->Used);

    /// <summary>Adds memory to a device.</summary>
    /// <param name="device">Whose resource it becomes.</param>
    /// <param name="pages">At least 1; rounded up to a multiple of 512.</param>
    /// <remarks>Throws what <see cref="HmmDevmem.Add"/> throws.</remarks>
    public static HmmDevice Add(Device device, ulong pages)
    {
        var created = new HmmDevice();
        created.Memory = HmmDevmem.Add(created, device, pages);
        return created;
    }

    /// <summary>Takes a free page; its driver data are 0, its bytes whatever was there.</summary>
    /// <returns>A page held once, to be put when it is no longer needed; none if all are in use or the memory is being removed.</returns>
    /// <remarks>Never waits for a page.</remarks>
    public Page TryAllocatePage()
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        var frame = (PageFrame*)Atomic.LoadLocal(&Shared->FreeList);
        long fresh = Atomic.LoadLocal(&Shared->Fresh);
        bool reused = frame != null;
        if (!reused && (ulong)fresh == Memory.Resource.Range.Length)
            return default;
        Page page = reused ? new Page(frame) : Memory.Device.Space.PfnToPage(new Pfn(Memory.FirstPfn.Value + (ulong)fresh));
        // A free page has no holder, so its frame is only safe to touch with the map.
        if (!Memory.TryTake(page))
            return default;
        if (reused)
            Atomic.StoreLocal(&Shared->FreeList, page.DriverData);
        else
            Atomic.StoreLocal(&Shared->Fresh, fresh + 1);
        page.DriverData = 0;
        Atomic.AddLocal(&Shared->Used, 1);
        return page;
    }

    /// <summary>Copies a page of the device into memory of the host.</summary>
    /// <param name="page">A page of this device, held by the caller.</param>
    /// <param name="destination">4,096 bytes.</param>
    /// <exception cref="ArgumentException">Not a page of this device, or not 4,096 bytes.</exception>
    /// <exception cref="IOException">The device failed.</exception>
    public void CopyOut(Page page, Span<byte> destination) => Memory.Resource.Memory.ReadMedium(OffsetOf(page, destination.Length), destination);

    /// <summary>Copies memory of the host into a page of the device.</summary>
    /// <param name="page">A page of this device, held by the caller.</param>
    /// <param name="source">4,096 bytes.</param>
    /// <exception cref="ArgumentException">Not a page of this device, or not 4,096 bytes.</exception>
    /// <exception cref="IOException">The device failed or has no room.</exception>
    public void CopyIn(Page page, ReadOnlySpan<byte> source) => Memory.Resource.Memory.WriteMedium(OffsetOf(page, source.Length), source);

    /// <inheritdoc/>
    protected internal override void Free(HmmDevmem devmem, Page page)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        page.DriverData = Atomic.LoadLocal(&Shared->FreeList);
        Atomic.StoreLocal(&Shared->FreeList, (long)page.Frame);
        Atomic.AddLocal(&Shared->Used, -1);
    }

    private long OffsetOf(Page page, int length)
    {
        Pfn pfn = Memory.Device.Space.PageToPfn(page);
        if (!Memory.Resource.Range.Contains(pfn))
            throw new ArgumentException("The page is not one of this device.", nameof(page));
        if (length != 1 << Pfn.PageShift)
            throw new ArgumentException($"A page has {1 << Pfn.PageShift} bytes, not {length}.", nameof(length));
        return (long)(pfn.Value - Memory.FirstPfn.Value) << Pfn.PageShift;
    }

    private Words* Shared => _words.Pointer;

    private struct Words
    {
        internal long Lock;
        internal long FreeList; // Address of a frame, linked through the driver's word of free pages.
        internal long Fresh; // Pages never used yet are counted off.
        internal long Used;
    }
}
