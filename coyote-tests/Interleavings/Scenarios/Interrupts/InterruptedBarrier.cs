using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Scenarios;

/// <summary>Draining a domain: interrupted, callbacks that have not run stay, and exceptions of those that have run are told.</summary>
internal sealed class InterruptedBarrier() : InterruptedWait("barrier", "drains an epoch domain with a reader inside", mayEnd: true)
{
    public override void Arrange(Stage stage)
    {
        EpochDomain domain = stage.Domain();
        var node = new LinkedNode(stage, domain);
        int reclaimed = 0, failed = 0, told = 0;
        stage.Thread("reader", () =>
        {
            node.Read();
            node.Read(); // What holds up the second batch is not what held up the first.
        });
        node.Unlink();
        domain.Retire(() =>
        {
            node.Free();
            reclaimed++;
        });
        domain.Retire(() =>
        {
            failed++;
            throw new FormatException();
        });
        AddWaiter(stage, () =>
        {
            Tell(() => domain.Reclaim()); // Begins a grace period for these two: the barrier itself waits for a later one.
            Tell(domain.Barrier);
        });
        stage.Finally(() =>
        {
            try
            {
                Tell(domain.Barrier);
            }
            catch (ThreadInterruptedException)
            {
                stage.Check(false, "The interrupt came twice.");
            }
            stage.Check(reclaimed == 1 && failed == 1, "A callback was lost, or ran twice.");
            stage.Check(told == 1, "The exception of a callback was lost, or told twice.");
        });

        void Tell(Action drain)
        {
            try
            {
                drain();
            }
            catch (FormatException)
            {
                told++;
            }
            catch (AggregateException both)
            {
                told += both.InnerExceptions.Count(each => each is FormatException);
                throw both.InnerExceptions.OfType<ThreadInterruptedException>().Single();
            }
        }
    }
}
