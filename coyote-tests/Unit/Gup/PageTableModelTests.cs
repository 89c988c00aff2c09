using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Random operations on page tables, and the same on a dictionary.</summary>
public sealed class PageTableModelTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Fact]
    public void Entries_are_what_was_put_in_and_not_taken_out() => Sequences.Check(20, 600, kinds: 9, operations =>
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        // Areas far apart, so that every level has more than one table; one of them on a disk, with large entries.
        Area[] mixed = [.. new ulong[] { 0, 1UL << 21, 1UL << 30, 1UL << 39, (1UL << 48) - (4UL << 21) }.Select(at => memory.MapMixed(1UL << 21, address: at))];
        Area disk = memory.MapDax(machine.Disk, 0, 4UL << 21, address: 1UL << 40);
        var model = new Dictionary<ulong, ulong>();
        foreach (Operation operation in operations)
        {
            bool onDisk = operation.Kind % 3 == 0;
            Area area = onDisk ? disk : mixed[operation.First % mixed.Length];
            ulong address = area.Start + (Operation.Below(operation.Second, area.Length / PageSize) * PageSize);
            switch (operation.Kind)
            {
                case 0 or 1:
                    ulong length = Math.Min((1 + Operation.Below(operation.Third, 1200)) * PageSize, area.End - address);
                    memory.Discard(address, length);
                    foreach (ulong key in model.Keys.Where(key => key - address < length).ToArray())
                        model.Remove(key);
                    break;
                case 3 or 6:
                    memory.Read(address, new byte[1]);
                    PageTableEntry entry = memory.Lookup(address);
                    for (ulong i = 0; i < (entry.IsLarge ? 512UL : 1); i++)
                    {
                        ulong first = entry.IsLarge ? address & ~(GupMachine.LargeSize - 1) : address;
                        model[first + (i * PageSize)] = GupMachine.First.Value + (first - disk.Start) / PageSize + i;
                    }
                    break;
                default:
                    var pfn = new Pfn(1 + Operation.Below(operation.Third, (1UL << 34) - 1));
                    if (model.TryAdd(address, pfn.Value))
                        memory.InsertPfn(area, address, pfn, PfnFlags.Device);
                    else
                        Assert.Throws<RangeBusyException>(() => memory.InsertPfn(area, address, pfn, PfnFlags.Device));
                    break;
            }
            Check(memory, model, address);
            Check(memory, model, area.Start + (Operation.Below(operation.Third, area.Length / PageSize) * PageSize));
        }
        foreach (ulong key in model.Keys)
            Check(memory, model, key);
        foreach (Area area in mixed)
            memory.Unmap(area);
        Assert.All(model.Keys.Where(key => !disk.Contains(key)), key => Assert.True(memory.Lookup(key).IsNone));
    });

    [Fact]
    public void Areas_lie_where_they_are_put_and_never_on_one_another() => Sequences.Check(40, 200, kinds: 4, operations =>
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        var model = new List<Area>();
        foreach (Operation operation in operations)
        {
            if (operation.Kind == 0 && model.Count > 0)
            {
                Area gone = model[operation.First % model.Count];
                memory.Unmap(gone);
                model.Remove(gone);
                continue;
            }
            ulong length = (1 + Operation.Below(operation.First, 1500)) * PageSize;
            ulong? address = operation.Kind == 1 ? null : Operation.Below(operation.Second, 20_000) * PageSize;
            bool taken = address is { } at && model.Exists(each => each.Start < at + length && at < each.End);
            if (taken)
                Assert.Throws<RangeBusyException>(() => memory.MapAnonymous(length, address: address));
            else
                model.Add(memory.MapAnonymous(length, address: address));
            ulong probe = Operation.Below(operation.Third, 20_000UL << Pfn.PageShift);
            Assert.Same(model.Find(each => each.Contains(probe)), memory.FindArea(probe));
        }
        model.Sort((a, b) => a.Start.CompareTo(b.Start));
        for (int i = 1; i < model.Count; i++)
            Assert.True(model[i - 1].End <= model[i].Start);
    });

    [Fact]
    public void Bad_areas_are_refused()
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapAnonymous(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapAnonymous(100));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapAnonymous(PageSize, address: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapAnonymous(2 * PageSize, address: (1UL << 48) - PageSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapAnonymous(PageSize, (AreaAccess)8));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapDax(machine.Disk, 0, (ulong)machine.Disk.Length + PageSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapDax(machine.Disk, 5, PageSize));
        using var other = new GupMachine();
        Assert.Throws<ArgumentException>(() => memory.MapDax(other.Disk, 0, PageSize));
        Assert.Throws<ArgumentException>(() => new AddressSpace(new PagemapTable()));
    }

    private static void Check(AddressSpace memory, Dictionary<ulong, ulong> model, ulong address)
    {
        PageTableEntry entry = memory.Lookup(address);
        ulong? found = entry.IsNone ? null : entry.Pfn.Value + (entry.IsLarge ? (address >> Pfn.PageShift) & 511 : 0);
        Assert.Equal(model.TryGetValue(address, out ulong pfn) ? pfn : null, found);
    }
}
