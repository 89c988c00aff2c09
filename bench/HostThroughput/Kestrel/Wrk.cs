using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Percpu.HostThroughput.Kestrel;

/// <summary>What a run of wrk reported.</summary>
/// <param name="RepliesPerSecond">Of whole replies.</param>
/// <param name="SocketErrors">Connections that were refused, cut or timed out.</param>
/// <param name="Refusals">Replies with another status than 2xx or 3xx.</param>
internal sealed partial record Wrk(double RepliesPerSecond, long SocketErrors, long Refusals)
{
    /// <summary>Runs wrk to its end.</summary>
    /// <exception cref="InvalidOperationException">It is missing, or wrote something else than a report.</exception>
    internal static async Task<Wrk> RunAsync(string address, int seconds, int connections)
    {
        var start = new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", address]) { RedirectStandardOutput = true };
        using Process wrk = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start.");
        string output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        Match rate = Rate().Match(output);
        return rate.Success
            ? new Wrk(double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), Errors().Matches(output).Sum(Number), Non2xx().Matches(output).Sum(Number))
            : throw new InvalidOperationException(output);
    }

    private static long Number(Match match) => match.Groups[1].Captures.Sum(capture => long.Parse(capture.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"Socket errors:(?: \w+ (\d+),?)+")]
    private static partial Regex Errors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Non2xx();
}
