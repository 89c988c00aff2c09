using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class SwapStressTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Fact]
    public void I60_readers_see_whole_files_while_files_are_swapped_and_disposed_under_them()
    {
        const int length = 8192, swaps = 3_000;
        string[] paths = [.. Enumerable.Range(0, 8).Select(i => _folder.WithBytes($"file{i}", length, (byte)(i + 1)))];
        MappedFile current = MappedFile.Open(paths[0]);
        bool stop = false;
        long reads = 0, refused = 0;
        void Read()
        {
            while (!Volatile.Read(ref stop))
            {
                if (!Volatile.Read(ref current).TryPin(out MappedPin pin))
                {
                    Interlocked.Increment(ref refused); // It was swapped between the two: take the new one.
                    continue;
                }
                using (pin)
                {
                    ReadOnlySpan<byte> bytes = pin.ReadOnlySpan;
                    byte first = bytes[0];
                    Assert.InRange(first, 1, 8);
                    Assert.Equal(-1, bytes.IndexOfAnyExcept(first));
                    Assert.Equal(length, bytes.Length);
                }
                Interlocked.Increment(ref reads);
            }
        }
        var released = new List<Task>();
        using (new Worker(Read))
        using (new Worker(Read))
        using (new Worker(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(0);
                Thread.Sleep(1);
            }
        }))
        {
            try
            {
                for (int i = 1; i <= swaps; i++)
                {
                    MappedFile old = Interlocked.Exchange(ref current, MappedFile.Open(paths[i % paths.Length]));
                    old.Dispose();
                    released.Add(old.Released);
                }
                Worker.AwaitTrue(() => Interlocked.Read(ref reads) > 0);
            }
            finally
            {
                Volatile.Write(ref stop, true);
            }
        }
        current.Dispose();
        Assert.All(released, each => Assert.True(each.IsCompletedSuccessfully));
    }
}
