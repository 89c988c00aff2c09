namespace Percpu.Unit.Counting.Drivers;

/// <summary>What runs inside the variant whose process-wide fence counts its calls in <see cref="Fences"/>.</summary>
public static class FenceCountDriver
{
    public static int Fences { get; set; }

    public static int[] Run() => [Of(1), Of(2), Of(1000), OfAtomic(10), OfKill(), OfSwitch()];

    private static int Of(int n) => Count(n, references => PercpuRef.KillAll(references));

    private static int OfAtomic(int n) => Count(n, references => PercpuRef.KillAll(references), PercpuRefOptions.InitAtomic);

    private static int OfKill() => Count(1, references => references[0].Kill());

    private static int OfSwitch() => Count(1, references =>
    {
        references[0].SwitchToAtomic();
        references[0].Kill();
    });

    private static int Count(int n, Action<PercpuRef[]> act, PercpuRefOptions options = PercpuRefOptions.None)
    {
        PercpuRef[] references = [.. Enumerable.Range(0, n).Select(_ => new PercpuRef(null, options))];
        Fences = 0;
        act(references);
        return references.All(reference => reference.IsZero) ? Fences : -1;
    }
}
