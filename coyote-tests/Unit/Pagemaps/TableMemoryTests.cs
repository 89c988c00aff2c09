using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Pagemaps;

/// <summary>Nodes and entries of a table are native memory: no collector finds what is left of them.</summary>
public sealed class TableMemoryTests
{
    [Fact]
    public void I46_a_table_gives_back_every_node_and_entry_of_a_map_that_was_unregistered() => Assert.Equal("held", OwnProcess.Run(nameof(MapsUnregistered)));
}
