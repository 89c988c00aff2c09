using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A thread pins two references inside each other, of which it can announce one only, while each is killed.</summary>
internal sealed unsafe class PinsHereOfTwo : Scenario
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
            if (!one.TryPinHere(out long* first))
                return;
            bool both = two.TryPinHere(out long* second);
            one.Use();
            one.EndPinHere(first);
            if (!both)
                return;
            two.Use();
            two.EndPinHere(second);
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
