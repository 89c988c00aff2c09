using System.Diagnostics;

namespace Percpu.Interleavings.Twins;

/// <summary>Torture and the unit tests, beside the explorer and, if there is a processor for each, beside one another.</summary>
/// <param name="compiler">Makes what ships, once for both.</param>
/// <param name="layers">The columns.</param>
/// <param name="time">How long they may take in all; a twin that comes later is not run in them.</param>
internal sealed class ThreadLayers(ShippedCompiler compiler, IReadOnlyList<ThreadLayer> layers, TimeSpan time) : IDisposable
{
    private readonly Stopwatch _used = new();

    /// <summary>How many twins the time was too short for.</summary>
    internal int LeftOut { get; private set; }

    internal Dictionary<string, ThreadOutcome> Run(Twin twin)
    {
        if (!compiler.CanCompile(twin))
            return All("The twin edits the model, not what ships.");
        if (_used.Elapsed >= time)
        {
            LeftOut++;
            return All($"The {time.TotalSeconds:F0} seconds for real threads were over.");
        }
        _used.Start();
        ShippedImages images = compiler.Compile(twin);
        var outcomes = new Dictionary<string, ThreadOutcome>();
        Parallel.ForEach(layers, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount - 1) }, layer =>
        {
            ThreadOutcome outcome = layer.Run(twin, images);
            lock (outcomes)
                outcomes.Add(layer.Name, outcome);
        });
        _used.Stop();
        return outcomes;
    }

    public void Dispose()
    {
        foreach (ThreadLayer layer in layers)
            layer.Dispose();
    }

    private Dictionary<string, ThreadOutcome> All(string why) =>
        layers.ToDictionary(layer => layer.Name, _ => new ThreadOutcome(ThreadOutcome.NotRun, "", why));
}
