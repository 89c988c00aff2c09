using System.Diagnostics.Metrics;

namespace Percpu.Programs;

/// <summary>Starts and ends 10,000 threads, four at a time, and says how many areas they took.</summary>
public static class ThreadsByThousands
{
    private const int AtOnce = 4;

    public static void Run()
    {
        long areas = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, each) =>
        {
            if (instrument.Name == "percpu.stripes")
                each.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, measured, tags, state) => areas = measured);
        listener.Start();
        using var reference = new PercpuRef();
        int lived = 0;
        long start = Environment.TickCount64; // A machine too busy for 10,000 threads in this time has to do with fewer.
        var churners = new Thread[AtOnce];
        for (int i = 0; i < AtOnce; i++)
        {
            churners[i] = new Thread(() =>
            {
                for (int j = 0; j < 10_000 / AtOnce && Environment.TickCount64 - start < 10_000; j++)
                {
                    var thread = new Thread(reference.Get);
                    thread.Start();
                    thread.Join();
                    Interlocked.Increment(ref lived);
                }
            });
            churners[i].Start();
        }
        foreach (Thread churner in churners)
            churner.Join();
        listener.RecordObservableInstruments();
        reference.Kill();
        bool early = reference.IsZero;
        reference.PutMany(lived);
        bool held = areas is >= 1 and <= 2 * AtOnce && !early && reference.IsZero && lived > 50;
        Console.WriteLine($"{(held ? "held" : "violated")}: {areas} areas, {lived} threads");
    }
}
