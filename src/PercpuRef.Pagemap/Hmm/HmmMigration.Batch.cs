using Percpu.Memory;

namespace Percpu.Pagemap;

// One batch: claim, let walkers finish, look at counts, copy, map.
public static unsafe partial class HmmMigration
{
    // A page that only its entry holds: RAM is free at 0, a device's page at 1.
    private const long OnlyMapped = 1;

    private static int MigrateBatch(Area area, ulong start, int pages, MigrateSelect select, DevPagemap? owner, MigrateOps ops)
    {
        Span<PageTableEntry> found = stackalloc PageTableEntry[pages];
        Span<Page> sources = stackalloc Page[pages], destinations = stackalloc Page[pages];
        sources.Clear();
        destinations.Clear();
        if (!Claim(area, start, found, select, owner, out bool anyRam))
            return 0;
        int moved = 0;
        try
        {
            // Nobody takes a page of unaddressable memory that he found in an entry, so only RAM needs the grace period.
            if (anyRam)
                area.Space.WaitForWalkers();
            if (Inspect(area, start, found, sources, ops))
            {
                ops.AllocateAndCopy(area, start, sources, destinations);
                CheckDestinations(area.Space.Space, sources, destinations);
            }
        }
        catch
        {
            DropAll(destinations);
            throw;
        }
        finally
        {
            // Whatever happened: no claim stays.
            for (int i = 0; i < pages; i++)
            {
                if (found[i].IsNone)
                    continue;
                moved += destinations[i].IsNull ? 0 : 1;
                if (!sources[i].IsNull)
                    sources[i].Unlock();
                Publish(area.Space, start + ((ulong)i << Pfn.PageShift), found[i], destinations[i]);
            }
        }
        Finish(area, start, sources, destinations, ops);
        return moved;
    }

    /// <summary>Takes entries out of everybody's reach.</summary>
    private static bool Claim(Area area, ulong start, Span<PageTableEntry> found, MigrateSelect select, DevPagemap? owner, out bool anyRam)
    {
        bool any = anyRam = false;
        for (int i = 0; i < found.Length; i++)
        {
            ulong address = start + ((ulong)i << Pfn.PageShift);
            PageTableEntry entry;
            do
            {
                entry = area.Space.Lookup(address);
                if (Selects(select, owner, entry))
                    continue;
                entry = default;
                break;
            }
            while (!area.Space.TryClaim(address, entry));
            found[i] = entry;
            any |= !entry.IsNone;
            anyRam |= entry.IsPresent;
        }
        return any;
    }

    private static bool Selects(MigrateSelect select, DevPagemap? owner, PageTableEntry entry)
    {
        if (entry.IsDevicePrivate)
            return (select & MigrateSelect.DevicePrivate) != 0 && (owner is null || owner.Contains(entry.Pfn));
        return (select & MigrateSelect.System) != 0 && entry is { IsPresent: true, IsLarge: false, IsDevmap: false, IsSpecial: false, IsProtNone: false };
    }

    /// <summary>Finds out which of the claimed pages nobody else holds, and locks them.</summary>
    private static bool Inspect(Area area, ulong start, ReadOnlySpan<PageTableEntry> found, Span<Page> sources, MigrateOps ops)
    {
        bool any = false;
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i].IsNone)
                continue;
            Page page = area.Space.Space.PfnToPage(found[i].Pfn);
            long idle = found[i].IsDevicePrivate ? 1 : 0;
            if (page.Count != idle + OnlyMapped || !page.TryLock())
            {
                ops.FoundHeld(start + ((ulong)i << Pfn.PageShift));
                continue;
            }
            sources[i] = page;
            any = true;
        }
        return any;
    }

    /// <summary>What the driver gave is checked before any entry changes: an error in the middle would leave claims.</summary>
    private static void CheckDestinations(PhysicalSpace space, ReadOnlySpan<Page> sources, ReadOnlySpan<Page> destinations)
    {
        for (int i = 0; i < destinations.Length; i++)
        {
            if (destinations[i].IsNull)
                continue;
            if (sources[i].IsNull)
                throw new InvalidOperationException($"The driver gave a destination for page {i}, which is not to be moved.");
            space.PageToPfn(destinations[i]); // Throws if it belongs to another space.
            if ((destinations[i].Flags & PageFlags.Locked) == 0)
                throw new InvalidOperationException($"The driver gave a destination for page {i} that is not locked.");
        }
    }

    private static void Publish(AddressSpace space, ulong address, PageTableEntry old, Page destination)
    {
        PageTableEntry entry = old;
        if (!destination.IsNull)
        {
            Pfn pfn = space.Space.PageToPfn(destination);
            bool unaddressable = (destination.Flags & PageFlags.Unaddressable) != 0;
            entry = unaddressable ? PageTableEntry.DevicePrivate(pfn, old.IsWritable) : PageTableEntry.Ram(pfn, old.IsWritable);
            entry = new PageTableEntry(entry.Value | (old.Value & (PageTableEntry.AccessedBit | PageTableEntry.DirtyBit)));
            destination.Unlock(); // Before anybody can find it.
        }
        space.Publish(address, entry);
    }

    /// <summary>Frees what was moved away: its entry held it, and is gone.</summary>
    private static void Finish(Area area, ulong start, ReadOnlySpan<Page> sources, ReadOnlySpan<Page> destinations, MigrateOps ops)
    {
        var failures = default(Failures);
        try
        {
            ops.FinalizeAndMap(area, start, sources, destinations);
        }
        catch (Exception exception)
        {
            failures.Add(exception);
        }
        for (int i = 0; i < sources.Length; i++)
        {
            if (destinations[i].IsNull)
                continue;
            try
            {
                sources[i].Put();
            }
            catch (Exception exception)
            {
                failures.Add(exception);
            }
        }
        failures.ThrowIfAny();
    }

    private static void DropAll(Span<Page> destinations)
    {
        foreach (Page page in destinations)
        {
            if (page.IsNull)
                continue;
            page.ClearFlags(PageFlags.Locked); // The driver may not have come to lock it.
            try
            {
                page.Put();
            }
            catch (Exception)
            {
                // The free callback's, which is reported as an event: the caller throws what came first.
            }
        }
        destinations.Clear();
    }
}
