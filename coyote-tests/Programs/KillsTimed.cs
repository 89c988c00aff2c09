namespace Percpu.Programs;

/// <summary>Kills one reference and then three, and says whether the event of a kill tells the time that the histogram has.</summary>
public static class KillsTimed
{
    public static void Run()
    {
        using var meter = new MeterHearer();
        List<(int Count, double Microseconds)> killed = [];
        using var events = new EventHearer(data =>
        {
            if (data.EventName == "Killed")
                killed.Add(((int)data.Payload![0]!, (double)data.Payload[1]!));
        });
        new PercpuRef().Kill();
        PercpuRef.KillAll([new PercpuRef(), new PercpuRef(), new PercpuRef()]);
        bool same = meter.Durations.Count == killed.Count && meter.Durations.Zip(killed)
            .All(pair => pair.First > 0 && Math.Abs(pair.First * 1e6 - pair.Second.Microseconds) < 1e-6 * pair.Second.Microseconds);
        string wrong = $"{string.Join(' ', meter.Durations)} and {string.Join(' ', killed)}";
        Console.Write($"{string.Join(", ", killed.Select(kill => $"1 of {kill.Count}"))}: {(same ? "held" : wrong)}");
    }
}
