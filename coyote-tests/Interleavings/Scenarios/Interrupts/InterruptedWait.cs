using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread waits, and another interrupts it at each of its steps. Either the interrupt ends the wait, and all is as
/// before; or it stays for the thread's next wait. It is never lost.</summary>
/// <param name="name">Behind "interrupted-".</param>
/// <param name="what">The wait, for the description.</param>
/// <param name="mayEnd">Whether the interrupt may end it.</param>
internal abstract class InterruptedWait(string name, string what, bool mayEnd) : Scenario
{
    public override string Name => $"interrupted-{name}";

    public override string Description => $"A thread is interrupted at any step, while it {what}.";

    public override string Covers => "I70";

    public override long DefaultExecutions => 20_000;

    /// <summary>Adds the thread that waits, and the one that interrupts it.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="wait">What the thread does.</param>
    /// <param name="interrupted">What it does when that was ended by the interrupt.</param>
    protected void AddWaiter(Stage stage, Action wait, Action? interrupted = null)
    {
        bool met = false;
        ModelThread waiter = null!;
        waiter = stage.Thread("waiter", () =>
        {
            try
            {
                wait();
            }
            catch (ThreadInterruptedException)
            {
                met = true;
                stage.Check(mayEnd, "An interrupt has ended a wait that must not be given up.");
                interrupted?.Invoke();
            }
        });
        stage.Thread("interrupter", () => stage.Interrupt(waiter));
        stage.Finally(() => stage.Check(met != waiter.Interrupted, "The interrupt was lost."));
    }
}
