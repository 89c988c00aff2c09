using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread pins two references inside each other, of which it can announce one only, while each is killed.</summary>
internal sealed unsafe class AnnouncedPinsOfTwo : Scenario
{
    public override string Name => "pins-here-of-two";

    public override string Description => "A thread holds pins of a stack frame of two references, the first ended first, while another kills both.";

    public override string Covers => "I7 I10 I60";

    public override void Arrange(Stage stage)
    {
        var one = new CheckedRef(stage, name: "one", announced: true);
        var two = new CheckedRef(stage, name: "two", announced: true);
        stage.Thread("reader", () =>
        {
            if (!one.TryBeginPin(out long* first))
                return;
            bool both = two.TryBeginPin(out long* second);
            one.Use();
            one.EndPin(first);
            if (!both)
                return;
            two.Use();
            two.EndPin(second);
        });
        stage.Thread("killer", () =>
        {
            one.Kill();
            two.Kill();
        });
        stage.Finally(() =>
        {
            one.MustHaveBeenReleased();
            two.MustHaveBeenReleased();
        });
    }
}
