extern alias interleavings;
using Percpu.Interleavings;
using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using interleavings::Percpu.Interleavings.Running;
using ScenarioExplorer = Percpu.Interleavings.Running.Explorer;

namespace Percpu.Unit.Explorer;

/// <summary>What an execution finds in memory is the same each time, or the search would not know its steps again.</summary>
public sealed unsafe class ModelHeapTests
{
    public static TheoryData<string> Scenarios() => [.. ScenarioRunner.Scenarios];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void An_execution_leaves_nothing_for_the_next_to_find(string scenario)
    {
        MemoryModel model = MemoryModel.Parse("tso");
        using var explorer = new ScenarioExplorer(ScenarioCatalog.Find(scenario), model, 100_000);
        Execution? execution = null;
        explorer.Observer = ran => execution = ran;
        explorer.Explore(new RandomSearch(1), variant: 0, executions: 20, TimeSpan.MaxValue);
        Assert.Null(explorer.Violation);

        execution!.Reset(model);

        Assert.Null(execution.Heap.FindLeftOver());
    }

    [Fact]
    public void An_emptied_address_space_holds_zeroes_where_memory_is_put_again()
    {
        var space = new AddressSpace(1 << 20);
        for (int round = 0; round < 2; round++)
        {
            space.Commit(space.Start, 1 << 16);
            Assert.Null(space.FindNonzero(space.Start));
            *(long*)space.Start = 7;
            Assert.Equal(space.Start, space.FindNonzero(space.Start));
            space.Empty();
        }
    }

    [Fact]
    public void Memory_that_was_put_into_an_address_space_stays_whole_when_more_or_less_is_asked_for_there()
    {
        var space = new AddressSpace(1 << 20);
        space.Commit(space.Start, AddressSpace.Granule);
        space.Commit(space.Start, AddressSpace.Granule + 1);
        long last = space.Start + 2 * AddressSpace.Granule - sizeof(long);
        *(long*)last = 7;
        space.Commit(space.Start, 1);
        space.Commit(space.Start, 2 * AddressSpace.Granule);
        Assert.Equal(last, space.FindNonzero(space.Start));
        Assert.Null(space.FindNonzero(space.Start + 1)); // It begins below.
        space.Empty();
        Assert.Null(space.FindNonzero(space.Start));
        space.Commit(space.Start, 2 * AddressSpace.Granule);
        Assert.Equal(0, *(long*)last);
    }

    [Fact]
    public void A_block_that_has_no_room_is_refused_and_takes_none()
    {
        const long Small = 256L << 20, Reserved = 32L << 30;
        var heap = new ModelHeap();
        long first = heap.Allocate(8);
        Assert.Throws<InsufficientMemoryException>(() => { heap.Allocate(Small - 128); });
        Assert.Equal(first + 128, heap.Allocate(8));
        long start = heap.Reserve(Reserved - (128 << 10));
        Assert.Equal(first + Small, start);
        Assert.Throws<InsufficientMemoryException>(() => { heap.Reserve((128 << 10) + 1); });
        Assert.Equal(start + Reserved - (128 << 10), heap.Reserve(128 << 10));
        Assert.Throws<InsufficientMemoryException>(() => { heap.Reserve(1); }); // Words of fields lie behind.
        heap.AddWord(7, out long* word);
        Assert.Equal((start + Reserved, 7), ((long)word, *word));
        heap.Retire();
    }

    [Fact]
    public void An_address_space_begins_where_memory_can_be_put_though_the_system_aligns_to_pages_only()
    {
        // 1 MiB and a granule: nothing that Linux would align for the sake of huge pages. Several, so that one of them begins elsewhere.
        AddressSpace[] spaces = [.. Enumerable.Range(0, 8).Select(_ => new AddressSpace((1 << 20) + 4096))];
        Assert.All(spaces, space =>
        {
            Assert.Equal(0, space.Start % AddressSpace.Granule);
            long last = space.Start + (1 << 20) - AddressSpace.Granule;
            space.Commit(last, AddressSpace.Granule);
            *(long*)(last + AddressSpace.Granule - sizeof(long)) = 1;
        });
        Assert.Equal((0, AddressSpace.Granule, AddressSpace.Granule), (AddressSpace.AlignUp(0), AddressSpace.AlignUp(1), AddressSpace.AlignUp(AddressSpace.Granule)));
    }

    [Fact]
    public void Memory_that_the_system_refuses_is_an_error_and_counts_as_none()
    {
        var space = new AddressSpace(AddressSpace.Granule);
        for (int i = 0; i < 2; i++)
            Assert.Throws<System.ComponentModel.Win32Exception>(() => space.Commit(1L << 60, 4096)); // No process has such an address.
    }
}
