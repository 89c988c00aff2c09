namespace Percpu;

/// <summary>What a debugger shows of a <see cref="PercpuRef"/>.</summary>
internal sealed class PercpuRefDebugView(PercpuRef reference)
{
    public string Mode => reference.DescribeMode();

    public string State => reference.DescribeLife();

    public long Count => reference.ApproximateCount;

    public IReadOnlyList<PercpuRefHolder> Holders => reference.GetHolders();
}
