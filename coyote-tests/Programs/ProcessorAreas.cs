using System.Reflection;

namespace Percpu.Programs;

/// <summary>Writes how many processors have no area, where stripes are per CPU.</summary>
public static class ProcessorAreas
{
    public static unsafe void Run()
    {
        var reference = new PercpuRef();
        reference.Get();
        Type type = typeof(PercpuRef).Assembly.GetType("Percpu.Memory.PerCpu", throwOnError: true)!;
        const BindingFlags Static = BindingFlags.Static | BindingFlags.NonPublic;
        int count = (int)type.GetProperty("Count", Static)!.GetValue(null)!;
        if (count == 0)
        {
            Console.Write(PercpuStripes.Kind);
            return;
        }
        long* areas = (long*)Pointer.Unbox(type.GetField("Areas", Static)!.GetValue(null)!);
        Console.Write($"{PercpuStripes.Kind}: {Enumerable.Range(0, count).Count(i => areas[i] >= 0)} without");
    }
}
