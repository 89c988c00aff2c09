namespace Percpu.Programs;

/// <summary>Kills, releases and misuses references, and writes what the meter counted of each.</summary>
public static class KillsCounted
{
    public static void Run()
    {
        using var meter = new MeterHearer();
        new PercpuRef().Kill();
        new PercpuRef().Dispose();
        PercpuRef.KillAll([new PercpuRef(), new PercpuRef(), new PercpuRef()]);
        new PercpuRef().KillAndConfirm(static _ => { });
        var held = new PercpuRef();
        held.Get();
        held.Kill();
        var released = new PercpuRef();
        released.Put(); // The initial one: a release without a kill.
        long before = meter.Sum("percpu.ref.releases");
        held.Put();
        try
        {
            held.Put();
        }
        catch (InvalidOperationException)
        {
        }
        Console.Write($"kills {meter.Sum("percpu.ref.kills")}, releases {before}, misuses {meter.Sum("percpu.ref.misuses")}, drops {meter.Sum("percpu.ref.drops")}");
        GC.KeepAlive(held);
    }
}
