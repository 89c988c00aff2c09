using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Which entry's hint an access takes away.</summary>
public sealed class NumaHintTests
{
    private const ulong PageSize = GupMachine.PageSize;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void An_access_takes_the_hint_of_its_own_page_away_and_of_none_beside_it(bool ram, bool pin)
    {
        using var machine = new GupMachine();
        AddressSpace memory = machine.Memory;
        Area area = ram ? memory.MapAnonymous(3 * PageSize) : machine.MapSmall(3);
        machine.Populate(area, write: true);
        Assert.Equal(3, memory.MarkNumaHints(area.Start, area.Length));
        ulong middle = area.Start + PageSize;
        long faults = memory.MinorFaults;
        // On a thread of its own: it may fault for ever.
        Worker.RunWaiting("an access to end", () =>
        {
            var page = new Page[1];
            if (pin)
                Assert.Equal(1, memory.GetUserPages(middle + 5, page));
            else
                memory.Read(middle + 5, new byte[1]);
            AddressSpace.PutPages(page);
        });
        Assert.Equal(faults + 1, memory.MinorFaults);
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(i => memory.Lookup(area.Start + ((ulong)i * PageSize)).IsProtNone));
        Assert.All(Enumerable.Range(0, 3), i => Assert.True(memory.Lookup(area.Start + ((ulong)i * PageSize)) is { IsPresent: true, IsWritable: true }));
    }
}
