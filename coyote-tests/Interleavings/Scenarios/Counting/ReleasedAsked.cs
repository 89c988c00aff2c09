using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Somebody asks for the task of the release while it comes: the task completes, whoever is first.</summary>
[Sizes(1, 2)]
internal sealed class ReleasedAsked(int askers) : Scenario
{
    public override string Name => askers == 1 ? "released-asked" : "released-asked-twice";

    public override string Description => $"{askers} thread(s) ask for the task of the release, while another kills a reference that nobody holds.";

    public override string Covers => "I10 I11";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        var tasks = new Task?[askers];
        for (int i = 0; i < askers; i++)
        {
            int asker = i;
            stage.NewThread($"asker {i + 1}", () => tasks[asker] = subject.Reference.Released);
        }
        stage.NewThread("killer", subject.Kill);
        stage.Finally(() =>
        {
            subject.MustHaveBeenReleased();
            foreach (Task? task in tasks)
                stage.Check(task!.IsCompletedSuccessfully && ReferenceEquals(task, subject.Reference.Released), "A task that was asked for is not the one that completed.");
        });
    }
}
