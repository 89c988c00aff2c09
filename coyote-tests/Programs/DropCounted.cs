using System.Runtime.CompilerServices;

namespace Percpu.Programs;

/// <summary>Drops a reference that was not killed, and writes how many drops the meter counted.</summary>
public static class DropCounted
{
    public static void Run()
    {
        using var meter = new MeterHearer();
        Drop();
        for (int i = 0; i < 200 && meter.Sum("percpu.ref.drops") == 0; i++)
            Collect();
        Collect();
        Console.Write($"drops {meter.Sum("percpu.ref.drops")}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop() => new PercpuRef().Get();

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Thread.Sleep(5);
    }
}
