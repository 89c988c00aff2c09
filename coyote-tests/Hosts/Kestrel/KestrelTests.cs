using System.Net;
using Percpu.Buffers;
using Percpu.Examples.KestrelPool;
using Percpu.HostThroughput.Kestrel;

namespace Percpu.HostTests.Kestrel;

public sealed class KestrelTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Replies_and_requests_of_every_size_are_whole_and_the_pool_is_used()
    {
        await using var factory = new SlabPoolFactory();
        await using (Server server = await Server.StartAsync(factory))
        {
            using var client = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = Bound };
            foreach (int length in (int[])[0, 1, 100, 4_095, 4_096, 4_097, 20_000, 200_000, 1 << 20])
            {
                byte[] expected = [.. Enumerable.Range(0, length).Select(Server.ByteAt)];
                Assert.Equal(expected, await client.GetByteArrayAsync(new Uri($"/{length}", UriKind.Relative), TestContext.Current.CancellationToken));
                using HttpResponseMessage echo = await client.PostAsync(new Uri("/echo", UriKind.Relative), new ByteArrayContent(expected), TestContext.Current.CancellationToken);
                Assert.Equal(expected, await echo.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            }
            Assert.True(factory.Slabs.MappedBytes > 0);
        }
    }

    [Fact]
    public async Task A_server_that_stops_under_load_and_starts_again_leaves_no_block_rented()
    {
        var factory = new SlabPoolFactory();
        using var stop = new CancellationTokenSource();
        string address = "";
        long replies = 0, wrong = 0;
        Task[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (Volatile.Read(ref address).Length == 0)
                {
                    await Task.Delay(5);
                    continue;
                }
                try
                {
                    using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
                    for (int i = 0; i < 20 && !stop.IsCancellationRequested; i++)
                    {
                        byte[] bytes = await client.GetByteArrayAsync(new Uri($"{Volatile.Read(ref address)}/50000"));
                        Interlocked.Increment(ref replies);
                        if (bytes.Length != 50_000 || bytes[49_999] != Server.ByteAt(49_999))
                            Interlocked.Increment(ref wrong);
                    }
                }
                catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidOperationException or UriFormatException or OperationCanceledException)
                {
                    await Task.Delay(5); // It is down.
                }
            }
        }))];
        for (int round = 0; round < 4; round++)
        {
            await using Server server = await Server.StartAsync(factory);
            Volatile.Write(ref address, server.Address);
            long target = Interlocked.Read(ref replies) + 50;
            var clock = System.Diagnostics.Stopwatch.StartNew();
            while (Interlocked.Read(ref replies) < target)
            {
                if (Array.Find(clients, client => client.IsFaulted) is { } failed)
                    await failed;
                Assert.True(clock.Elapsed < Bound, "No 50 replies of a server that runs.");
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
            if (round == 2)
                factory.Slabs.RetireSlabs();
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.Equal(0, wrong);
        await factory.DisposeAsync().AsTask().WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.Equal(0, factory.Slabs.MappedBytes);
    }

    [Fact]
    public async Task After_a_burst_the_memory_goes_back()
    {
        await using var factory = new SlabPoolFactory(keepBytes: 2 << 20, interval: TimeSpan.FromMilliseconds(100));
        var burst = Enumerable.Range(0, 5_000).Select(_ => factory.Slabs.RentBlock()).ToList();
        long high = factory.Slabs.MappedBytes;
        Assert.True(high >= 5_000 * 4_096);
        burst.ForEach(block => block.Dispose());
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (factory.Slabs.MappedBytes > 2 << 20)
        {
            Assert.True(clock.Elapsed < Bound, "The memory of a burst did not go back.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_pool_that_its_host_disposed_refuses_and_leaves_the_others_alone()
    {
        await using var factory = new SlabPoolFactory();
        var one = factory.Create();
        using var two = factory.Create();
        one.Dispose();
        Assert.Throws<ObjectDisposedException>(() => one.Rent());
        using var owner = two.Rent();
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray<byte>(owner.Memory, out ArraySegment<byte> segment));
        Assert.Equal(4_096, segment.Count);
    }
}
