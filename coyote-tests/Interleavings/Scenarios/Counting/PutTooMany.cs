using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A put too many is told to somebody, whenever it comes: to who made it, or to who finds the count below zero.</summary>
[Sizes(1, 2)]
internal sealed unsafe class PutTooMany(int readers) : Scenario
{
    public override string Name => $"put-too-many-{readers}";

    public override string Description => $"A thread visits and puts twice{(readers > 1 ? ", another visits and puts once," : "")} while the reference is killed.";

    public override string Covers => "I5 I12";

    public override void Arrange(Stage stage)
    {
        var subject = new CheckedRef(stage);
        int made = 0, told = 0;
        stage.Thread("careless reader", () =>
        {
            if (!subject.TryGetLive())
                return;
            Told(subject.Put);
            made++;
            Told(subject.Put);
        });
        for (int i = 1; i < readers; i++)
        {
            stage.Thread("reader", () =>
            {
                if (subject.TryGetLive())
                    Told(subject.Put); // Without a use: the other's second put may have released it under us.
            });
        }
        stage.Thread("killer", () => Told(subject.Kill));
        stage.Finally(() =>
        {
            bool marked = (LibraryNames.ReferenceFields.Words(subject.Reference)->State & RefWords.Unbalanced) != 0; // As by the event.
            stage.Check(told + (marked ? 1 : 0) >= made, "A put too many was told to nobody.");
            stage.Check(made > 0 || (told == 0 && !marked), "A right program was told of a put too many.");
            stage.Check(subject.Releases <= 1, "Released twice.");
            if (made == 0)
                subject.MustHaveBeenReleased();
        });

        void Told(Action action)
        {
            try
            {
                action();
            }
            catch (InvalidOperationException)
            {
                told++;
            }
        }
    }
}
