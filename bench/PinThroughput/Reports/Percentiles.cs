using System.Globalization;

namespace Percpu.PinThroughput.Reports;

/// <summary>What a part of all operations did not exceed has a name: p50 is what half of them did not.</summary>
internal static class Percentiles
{
    internal static string Name(double part) => string.Create(CultureInfo.InvariantCulture, $"p{part * 100:0.####}");
}
