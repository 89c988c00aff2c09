using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Epochs;

public sealed class ProcessEndTests
{
    [Fact]
    public void The_background_thread_does_not_keep_the_process_alive() =>
        Assert.Equal("end\n", OwnProcess.Run(nameof(BusyDomains)).ReplaceLineEndings("\n"));
}
