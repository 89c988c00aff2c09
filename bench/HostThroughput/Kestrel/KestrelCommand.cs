using System.CommandLine;
using Percpu.Examples.KestrelPool;

namespace Percpu.HostThroughput.Kestrel;

/// <summary>A server under wrk: the time of one reply, by pool.</summary>
internal static class KestrelCommand
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
            await Wrk.RunAsync($"{server.Address}/{bytes}", 1, connections);
            Wrk report = await Wrk.RunAsync($"{server.Address}/{bytes}", seconds, connections);
            if (report.SocketErrors + report.Refusals > 0)
                throw new InvalidOperationException(report.ToString());
            Children.Row($"reply of {bytes:N0} bytes", 1e9 / report.RepliesPerSecond);
        }
        return 0;
    }
}
