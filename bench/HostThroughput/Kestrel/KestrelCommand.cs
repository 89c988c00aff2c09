using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Percpu.Examples.KestrelPool;

namespace Percpu.HostThroughput.Kestrel;

/// <summary>A server under wrk: the time of one reply, by pool.</summary>
internal static partial class KestrelCommand
{
    internal static Command Create()
    {
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 3 };
        var connections = new Option<int>("--connections") { DefaultValueFactory = _ => 32 };
        var child = new Option<string?>("--child") { Hidden = true };
        var command = new Command("kestrel", "Replies of 100 bytes to 1 MiB under wrk; times as fast as Kestrel's own pool. Needs wrk.") { rounds, seconds, connections, child };
        command.SetAction(async parsed => parsed.GetValue(child) is { } subject
            ? await MeasureAsync(subject, parsed.GetValue(seconds), parsed.GetValue(connections))
            : Children.Compare(["kestrel", "slab-pool"], parsed.GetValue(rounds), name =>
                ["kestrel", "--child", name, "--seconds", $"{parsed.GetValue(seconds)}", "--connections", $"{parsed.GetValue(connections)}"]));
        return command;
    }

    private static async Task<int> MeasureAsync(string subject, int seconds, int connections)
    {
        await using var factory = new SlabPoolFactory();
        await using Server server = await Server.StartAsync(subject == "kestrel" ? null : factory);
        foreach (int bytes in (int[])[100, 4_096, 65_536, 1 << 20])
        {
            await WrkAsync(server, bytes, 1, connections);
            Children.Row($"reply of {bytes:N0} bytes", 1e9 / await WrkAsync(server, bytes, seconds, connections));
        }
        return 0;
    }

    private static async Task<double> WrkAsync(Server server, int bytes, int seconds, int connections)
    {
        var start = new ProcessStartInfo("wrk", ["-t1", $"-c{connections}", $"-d{seconds}s", $"{server.Address}/{bytes}"]) { RedirectStandardOutput = true };
        using Process wrk = Process.Start(start)!;
        string output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        Match rate = Rate().Match(output);
        if (!rate.Success || output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException(output);
        return double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();
}
