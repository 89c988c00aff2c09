using System.CommandLine;
using System.Diagnostics;
using Percpu.Examples.KestrelPool;

namespace Percpu.HostThroughput.Kestrel;

/// <summary>A server that stops and starts again under load, and one that has had a burst.</summary>
internal static class LoadCommand
{
    private const int Port = 5_780, Reply = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static Command Create()
    {
        var restarts = new Option<int>("--restarts") { DefaultValueFactory = _ => 10 };
        var connections = new Option<int>("--connections") { Description = "Of the burst.", DefaultValueFactory = _ => 512 };
        var command = new Command("kestrel-load", "Stops and restarts a server under wrk, then lets a burst of replies of 1 MiB over it; fails unless no block stays rented "
            + "and the memory is what it was within 10 seconds. Needs wrk.") { restarts, connections };
        command.SetAction(async parsed => await RestartAsync(parsed.GetValue(restarts)) && await BurstAsync(parsed.GetValue(connections)) ? 0 : 1);
        return command;
    }

    private static async Task<bool> RestartAsync(int restarts)
    {
        var factory = new SlabPoolFactory();
        Task<Wrk>? load = null;
        for (int i = 0; i < restarts; i++)
        {
            await using Server server = await Server.StartAsync(factory, Port);
            load ??= Wrk.RunAsync($"http://127.0.0.1:{Port}/200000", restarts, connections: 32); // It wants somebody to be there at first.
            await Task.Delay(TimeSpan.FromSeconds(0.8));
        }
        Wrk report = await load!;
        bool ended = await EndsAsync(factory);
        Console.WriteLine($"{restarts} stops under load: {report.RepliesPerSecond:F0} replies of 200,000 bytes a second all the same, {report.SocketErrors} connections cut, "
            + $"{report.Refusals} refusals; {factory.Slabs.MappedBytes} bytes left mapped");
        return ended && report.Refusals == 0 && report.RepliesPerSecond > 0 && factory.Slabs.MappedBytes == 0;
    }

    private static async Task<bool> BurstAsync(int connections)
    {
        await using var factory = new SlabPoolFactory();
        await using Server server = await Server.StartAsync(factory);
        await Wrk.RunAsync($"{server.Address}/{Reply}", 1, connections: 8);
        await Task.Delay(Patience);
        long before = factory.Slabs.MappedBytes, high = 0;
        Task<Wrk> burst = Wrk.RunAsync($"{server.Address}/{Reply}", 3, connections);
        while (!burst.IsCompleted)
        {
            high = Math.Max(high, factory.Slabs.MappedBytes);
            await Task.Delay(20);
        }
        Wrk report = await burst;
        var clock = Stopwatch.StartNew();
        while (factory.Slabs.MappedBytes > before && clock.Elapsed < 2 * Patience)
            await Task.Delay(20);
        Console.WriteLine($"A burst of {connections} connections: {report.RepliesPerSecond:F0} replies of 1 MiB a second, {before:N0} bytes mapped before, {high:N0} at most, "
            + $"{factory.Slabs.MappedBytes:N0} after {clock.Elapsed.TotalSeconds:F1} s");
        return clock.Elapsed <= Patience && report.Refusals == 0 && high > before;
    }

    private static async Task<bool> EndsAsync(SlabPoolFactory factory)
    {
        Task end = factory.DisposeAsync().AsTask();
        return await Task.WhenAny(end, Task.Delay(Patience)) == end;
    }
}
