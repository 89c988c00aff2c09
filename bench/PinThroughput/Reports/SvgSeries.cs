namespace Percpu.PinThroughput.Reports;

/// <summary>One line of a chart.</summary>
/// <param name="Workload">Its workload's id.</param>
/// <param name="Name">The subject's id: stands at its right end.</param>
/// <param name="Own">Of this library: drawn thicker, its name bold.</param>
/// <param name="Native">Not .NET: drawn dashed.</param>
/// <param name="Points">From left to right.</param>
internal sealed record SvgSeries(string Workload, string Name, bool Own, bool Native, IReadOnlyList<SvgPoint> Points);

/// <summary>A point: the number of its place on the x axis, its value, and the range of the middle half.</summary>
internal readonly record struct SvgPoint(int X, double Y, double Low, double High)
{
    internal SvgPoint(int x, double y)
        : this(x, y, y, y)
    {
    }
}
