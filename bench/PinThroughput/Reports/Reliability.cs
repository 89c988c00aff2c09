using System.Globalization;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Reports;

/// <summary>Whether a result can be believed: said first, last, in the plots and in the JSON file, in the same words.</summary>
internal static class Reliability
{
    /// <summary>Why not, in one line; null if it can.</summary>
    internal static string? Of(Result result)
    {
        int rows = result.Results.Count(row => !row.IsReliable);
        string? share = result.Host.ProcessorShare < ProcessorShare.Reliable
            ? string.Create(CultureInfo.InvariantCulture, $"the measuring threads got {result.Host.ProcessorShare * 100:F0}% of the processor time they asked for")
            : null;
        string? shared = rows == 0 ? null : $"{rows} of {result.Results.Count} rows, marked '?', were measured mostly while the cores were shared from outside";
        return share is null && shared is null ? null : $"NOT RELIABLE: {string.Join("; ", ((string?[])[share, shared]).OfType<string>())}.";
    }
}
