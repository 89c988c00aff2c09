namespace Percpu.PinThroughput.Measuring;

internal static class Statistics
{
    internal static double Median(IReadOnlyList<double> values) => Quantile(values, 0.5);

    /// <summary>The quantile between the two nearest values; 0 of none.</summary>
    internal static double Quantile(IReadOnlyList<double> values, double at)
    {
        if (values.Count == 0)
            return 0;
        double[] sorted = [.. values.Order()];
        double position = at * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}
