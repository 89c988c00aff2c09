using System.Diagnostics.Tracing;

namespace Percpu.Programs;

/// <summary>Listens after the library was first used, and writes the first event that it hears.</summary>
public static class LateListener
{
    public static void Run()
    {
        new PercpuRef().Dispose();
        EventWrittenEventArgs? heard = null;
        using var listener = new EventHearer(data => heard ??= data);
        Console.WriteLine($"{heard?.EventName} {heard?.EventId}: {heard?.Payload?[0]?.ToString()?.ToLowerInvariant()}, {heard?.Payload?[1]}");
    }
}
