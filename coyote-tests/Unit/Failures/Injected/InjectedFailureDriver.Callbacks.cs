using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using Percpu.Memory;

namespace Percpu.Unit.Failures.Injected;

// Strangers' code that fails: callbacks, metric listeners, listeners of events.
public static partial class InjectedFailureDriver
{
    public static string? Callbacks() => Guard(() =>
    {
        using var domain = new EpochDomain(HostDriven);
        int ran = 0;
        for (int i = 0; i < 4; i++)
        {
            int number = i;
            domain.Retire(() => { ran++; throw new FormatException(number.ToString()); });
        }
        domain.Retire(() => ran++);
        Faults.Arm("failures");
        var failure = Throws<AggregateException>(() => domain.Barrier());
        Expect(ran == 5, $"{ran} of 5 callbacks ran");
        Expect(failure?.InnerException?.Message == "0" && failure.Message.Contains("3 exceptions more"), "the exceptions are lost: " + failure?.Message);

        int released = 0;
        var batch = Enumerable.Range(0, 4).Select(i => new PercpuRef(_ => { released++; throw new FormatException(i.ToString()); })).ToArray();
        Faults.Arm("failures");
        failure = Throws<AggregateException>(() => PercpuRef.KillAll(batch));
        Expect(released == 4 && batch.All(each => each.IsZero), $"{released} of 4 released");
        Expect(failure?.InnerException?.Message == "0" && failure.Message.Contains("3 exceptions more"), "the exceptions of the batch are lost");
    });

    public static string? Listeners() => Guard(() =>
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, PercpuMeter.Meter)) self.EnableMeasurementEvents(instrument);
        };
        int heard = 0;
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => { heard++; throw new FormatException(); });
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => { heard++; throw new FormatException(); });
        listener.Start();
        int released = 0;
        var reference = new PercpuRef(_ => released++);
        reference.Get();
        reference.Kill();
        reference.Put();
        var batch = new[] { new PercpuRef(_ => released++), new PercpuRef(_ => released++) };
        PercpuRef.KillAll(batch);
        new PercpuRef(_ => released++).Dispose();
        Throws<InvalidOperationException>(() => reference.Put());
        Expect(heard > 0, "nobody listened");
        Expect(released == 4, $"{released} of 4 released under a listener that throws");
    });

    public static string? StallListener() => Guard(() =>
    {
        var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = TimeSpan.FromMilliseconds(1) });
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var reader = new Thread(() => { using (domain.Enter()) { inside.Set(); leave.Wait(); } });
        reader.Start();
        inside.Wait();
        bool reclaimed = false, heard = false, returned = false;
        using var listener = new Listener(() =>
        {
            if (heard) return;
            heard = true;
            leave.Set();
            domain.Barrier();
            returned = true;
        });
        domain.Retire(() => reclaimed = true);
        var host = new Thread(() => { while (!Volatile.Read(ref heard)) domain.Reclaim(); }) { IsBackground = true };
        host.Start();
        Expect(host.Join(TimeSpan.FromSeconds(10)), "a listener that calls Barrier hangs");
        Expect(returned && reclaimed, "Barrier did not reclaim");
        leave.Set();
        reader.Join();
    });

    private sealed class Listener(Action onStall) : EventListener
    {
        protected override void OnEventSourceCreated(EventSource source)
        {
            if (ReferenceEquals(source.GetType().Assembly, typeof(InjectedFailureDriver).Assembly)) EnableEvents(source, EventLevel.Warning);
        }

        protected override void OnEventWritten(EventWrittenEventArgs written)
        {
            if (written.EventName == "StalledReader") onStall?.Invoke();
        }
    }
}
