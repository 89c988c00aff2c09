using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Moves pages of an address space between RAM and the memory of devices, while they are in use.</summary>
/// <remarks>
/// <para>In batches of <see cref="BatchPages"/>: entries are claimed, so that nobody finds the pages any more; a grace
/// period lets those finish who have just found them; pages that somebody then still holds are left where they are; the
/// others are copied, mapped at their new place, and whoever waited is woken.</para>
/// <para>Kernel: <c>migrate_vma</c>.</para>
/// </remarks>
public static unsafe partial class HmmMigration
{
    /// <summary>Pages that are moved at once.</summary>
    public const int BatchPages = 64;

    /// <summary>Moves the pages of a range, as far as they can be moved.</summary>
    /// <param name="space">Where they are mapped. Its map is read-locked by the call.</param>
    /// <param name="start">The first address, a multiple of the page size.</param>
    /// <param name="pages">How many addresses to look at.</param>
    /// <param name="select">Which pages.</param>
    /// <param name="ops">How.</param>
    /// <returns>Pages that were moved. Others are not mapped, of another kind, pinned, or the driver left them.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The start is not aligned, or the range passes the end of the addresses.</exception>
    /// <exception cref="InvalidOperationException">Inside a read section, and pages of RAM are to be moved.</exception>
    /// <remarks>Must not be called while the caller has the map locked, as in a <see cref="HmmDevmemOps.Fault"/>: see the
    /// other form. Moving pages of RAM blocks for a grace period a batch with the map read-locked: nobody may wait for the
    /// address space (read, write, map) inside a read section of the table's epoch domain.</remarks>
    public static long Migrate(AddressSpace space, ulong start, ulong pages, MigrateSelect select, MigrateOps ops)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(ops);
        CheckRange(start, pages);
        CheckMayWait(space, select);
        long moved = 0;
        ulong end = start + (pages << Pfn.PageShift);
        space.EnterRead();
        try
        {
            for (ulong at = start; space.NextArea(at) is { } area && area.Start < end; at = area.End)
                moved += Migrate(area, Math.Max(at, area.Start), Math.Min(end, area.End), select, null, ops);
        }
        finally
        {
            space.ExitRead();
        }
        return moved;
    }

    /// <summary>Moves the pages of a part of an area, whose map the caller has read-locked: for <see cref="HmmDevmemOps.Fault"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not aligned or not inside the area.</exception>
    /// <inheritdoc cref="Migrate(AddressSpace, ulong, ulong, MigrateSelect, MigrateOps)"/>
    public static long Migrate(Area area, ulong start, ulong pages, MigrateSelect select, MigrateOps ops)
    {
        ArgumentNullException.ThrowIfNull(area);
        ArgumentNullException.ThrowIfNull(ops);
        CheckRange(start, pages);
        ulong end = start + (pages << Pfn.PageShift);
        ArgumentOutOfRangeException.ThrowIfLessThan(start, area.Start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, area.End, nameof(pages));
        CheckMayWait(area.Space, select);
        return Migrate(area, start, end, select, null, ops);
    }

    /// <summary>A page of RAM for an address, held once and locked: where a driver copies what it brings back.</summary>
    /// <param name="area">The area.</param>
    /// <param name="address">An address in it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="area"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The address is not in the area.</exception>
    /// <exception cref="InsufficientMemoryException">No free page of RAM.</exception>
    /// <remarks>Filled with zeros. Not mapped yet: a migration does that, and unlocks it. Kernel: <c>hmm_vma_alloc_locked_page</c>.</remarks>
    public static Page AllocateLockedPage(Area area, ulong address)
    {
        ArgumentNullException.ThrowIfNull(area);
        if (!area.Contains(address))
            throw new ArgumentOutOfRangeException(nameof(address), address, "The address is not in the area.");
        Page page = area.Space.Space.AllocatePage();
        page.TryLock(); // Nobody else knows the page.
        return page;
    }

    /// <summary>The same, of pages of one map only.</summary>
    internal static long Migrate(Area area, ulong start, ulong end, MigrateSelect select, DevPagemap? owner, MigrateOps ops)
    {
        long moved = 0;
        for (ulong at = start; at < end; at += BatchPages << Pfn.PageShift)
            moved += MigrateBatch(area, at, (int)Math.Min(BatchPages, (end - at) >> Pfn.PageShift), select, owner, ops);
        return moved;
    }

    private static void CheckRange(ulong start, ulong pages)
    {
        const ulong end = 1UL << PageTable.AddressBits;
        if ((start & (PageTable.PageSize - 1)) != 0 || start >= end)
            throw new ArgumentOutOfRangeException(nameof(start), start, "The start must be a multiple of the page size, inside the address space.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, (end - start) >> Pfn.PageShift);
    }

    private static void CheckMayWait(AddressSpace space, MigrateSelect select)
    {
        if ((select & MigrateSelect.System) != 0)
            space.Table.Epoch.CheckMayWait(nameof(Migrate));
    }
}
