namespace Percpu.Pagemap;

// Moving pages to the device and back.
public sealed unsafe partial class HmmDevice
{
    // A fault brings the pages around back as well: 64 KiB at once.
    private const ulong FaultWindow = 16UL << Pfn.PageShift;

    /// <summary>Moves pages of RAM into the device, as far as there is room and nobody has them pinned.</summary>
    /// <param name="space">Where they are mapped.</param>
    /// <param name="start">The first address, a multiple of the page size.</param>
    /// <param name="pages">How many addresses to look at.</param>
    /// <returns>Pages that were moved.</returns>
    /// <remarks>Throws what <see cref="HmmMigration.Migrate(AddressSpace, ulong, ulong, MigrateSelect, MigrateOps)"/> throws.
    /// Blocks for a grace period a batch.</remarks>
    public long MigrateToDevice(AddressSpace space, ulong start, ulong pages) =>
        HmmMigration.Migrate(space, start, pages, MigrateSelect.System, _toDevice);

    /// <summary>Moves pages of the device back into RAM.</summary>
    /// <returns>Pages that were moved; fewer than there are if RAM runs out.</returns>
    /// <inheritdoc cref="MigrateToDevice"/>
    public long MigrateToHost(AddressSpace space, ulong start, ulong pages) =>
        HmmMigration.Migrate(space, start, pages, MigrateSelect.DevicePrivate, new ToHost(this, ulong.MaxValue));

    /// <inheritdoc/>
    protected internal override FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write)
    {
        ulong start = Math.Max(area.Start, address & ~(FaultWindow - 1));
        ulong end = Math.Min(area.End, (address & ~(FaultWindow - 1)) + FaultWindow);
        while (true)
        {
            var ops = new ToHost(this, address);
            HmmMigration.Migrate(area, start, end, MigrateSelect.DevicePrivate, Memory.Pagemap, ops);
            if (ops.Outcome is { } outcome)
                return outcome;
            // It was not ours to move: somebody is moving it, or has moved it.
            PageTableEntry entry = area.Space.Lookup(address);
            if (!entry.IsDevicePrivate || !Memory.Pagemap.Contains(entry.Pfn))
                return FaultResult.Minor;
        }
    }

    private sealed class ToDevice(HmmDevice device) : MigrateOps
    {
        protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            for (int i = 0; i < sources.Length; i++)
            {
                if (sources[i].IsNull)
                    continue;
                Page page = device.TryAllocatePage();
                if (page.IsNull)
                    return;
                page.TryLock(); // Nobody else knows it.
                destinations[i] = page;
                device.CopyIn(page, area.Space.Space.Memory(sources[i]));
            }
        }
    }

    // Pages of other devices in the range are left to their own drivers.
    private sealed class ToHost(HmmDevice device, ulong fault) : MigrateOps
    {
        /// <summary>How it went with the faulting page; null if its entry was not there to be claimed.</summary>
        internal FaultResult? Outcome { get; private set; }

        internal override void FoundHeld(ulong address)
        {
            if (address == fault)
                Outcome = FaultResult.Error; // A driver holds it apart from its entry.
        }

        protected internal override void AllocateAndCopy(Area area, ulong start, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            ulong first = (fault - start) >> Pfn.PageShift; // Without a fault far behind any batch.
            if (first < (ulong)sources.Length && !sources[(int)first].IsNull)
            {
                Outcome = FaultResult.OutOfMemory;
                if (!TryCopy(area, start, (int)first, sources, destinations))
                    return;
                Outcome = FaultResult.Major;
            }
            for (int i = 0; i < sources.Length; i++)
            {
                if (!sources[i].IsNull && destinations[i].IsNull && device.Memory.Pagemap.Contains(area.Space.Space.PageToPfn(sources[i])) && !TryCopy(area, start, i, sources, destinations))
                    return;
            }
        }

        private bool TryCopy(Area area, ulong start, int index, ReadOnlySpan<Page> sources, Span<Page> destinations)
        {
            try
            {
                destinations[index] = HmmMigration.AllocateLockedPage(area, start + ((ulong)index << Pfn.PageShift));
            }
            catch (InsufficientMemoryException)
            {
                return false;
            }
            device.CopyOut(sources[index], area.Space.Space.Memory(destinations[index]));
            return true;
        }
    }
}
