using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Words;

/// <summary>Words, locks, parks and fences in a process that explores nothing, as in whatever ships them.</summary>
public sealed class UnexploredWordTests
{
    [Fact]
    public void Words_do_in_a_process_that_explores_nothing_what_they_do_in_a_scenario() => Assert.Empty(OwnProcess.Run(nameof(UnexploredWords)));
}
