using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

/// <summary>Two real cases: dotnet/runtime#114846 and apache/lucenenet#1013.</summary>
public sealed class SwapStormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task The_count_of_dotnet_runtime_114846_is_right_with_any_number_of_threads(int threads)
    {
        const int length = 4 << 20;
        using var scratch = new ScratchFile(length);
        long expected = (length + 250) / 251;
        using var file = MappedFile.Open(scratch.Location);

        foreach (Func<MappedFile, long, long, long> way in new[] { CountByPins, CountInScope })
        {
            long[] counts = await Task.WhenAll(Enumerable.Range(0, threads).Select(i =>
                Task.Run(() => way(file, (long)length * i / threads, (long)length * (i + 1) / threads))));
            Assert.Equal(expected, counts.Sum());
        }
    }

    [Fact]
    public async Task I60_searchers_of_apache_lucenenet_1013_read_while_another_thread_swaps_and_disposes()
    {
        const int swaps = 2000, length = 16 << 10;
        using var even = new ScratchFile(1);
        using var odd = new ScratchFile(1);
        File.WriteAllBytes(even.Location, Chunk(0));
        File.WriteAllBytes(odd.Location, Chunk(1));
        var cell = new MappedCell<MappedFile>(MappedFile.Open(even.Location));
        var replaced = new List<MappedFile>();
        bool stop = false;
        long reads = 0;
        var searchers = Enumerable.Range(0, 8).Select(seed => Task.Factory.StartNew(() => Search(seed), TaskCreationOptions.LongRunning)).ToArray();

        for (int i = 1; i <= swaps; i++)
            replaced.Add(cell.Swap(MappedFile.Open(i % 2 == 0 ? even.Location : odd.Location)));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref reads) > 1000, TimeSpan.FromSeconds(60)));
        Volatile.Write(ref stop, true);
        await Task.WhenAll(searchers);
        cell.Dispose();

        Assert.All(replaced, file => Assert.True(file.Reference.IsZero));
        Assert.Equal((0, 0), (even.Maps, odd.Maps));

        static byte[] Chunk(int parity) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 2 + parity))];

        void Search(int seed)
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref stop))
            {
                using MappedPin pin = cell.Pin();
                int parity = pin.ReadByte(0);
                for (int i = 0; i < 32; i++)
                {
                    int offset = random.Next(length);
                    Assert.Equal((byte)(offset * 2 + parity), pin.ReadByte(offset));
                }
                Interlocked.Increment(ref reads);
            }
        }
    }

    private static long CountByPins(MappedFile file, long from, long to)
    {
        long zeros = 0;
        for (long i = from; i < to; i++)
        {
            if (file.ReadByte(i) == 0)
                zeros++;
        }
        return zeros;
    }

    private static long CountInScope(MappedFile file, long from, long to)
    {
        long zeros = 0;
        using MappedPin pin = file.Pin();
        for (long i = from; i < to; i++)
        {
            if (pin.ReadByte(i) == 0)
                zeros++;
        }
        return zeros;
    }
}
