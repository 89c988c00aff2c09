using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>An access that a disposal meets in its middle is counted by it, and so tells of its end: else the memory is kept for ever.</summary>
public sealed class WritesBesideADisposalTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, Action<NativeSlab, PercpuThread>> Accesses = new()
    {
        ["write"] = (slab, _) => slab.Write(8, 5L),
        ["write with a thread"] = (slab, thread) => slab.Write(thread, 8, 5L),
        ["read"] = (slab, _) => slab.Read<long>(8),
        ["read with a thread"] = (slab, thread) => slab.Read<long>(thread, 8),
        ["try to read"] = (slab, _) => slab.TryRead(8, out long _),
        ["try to read bytes"] = (slab, _) => slab.TryReadBytes(8, stackalloc byte[8]),
        ["read bytes"] = (slab, _) => slab.ReadBytes(8, stackalloc byte[8]),
        ["pin"] = (slab, _) => slab.Pin().Dispose(),
        ["pin with a thread"] = (slab, thread) => slab.Pin(thread).Dispose(),
    };

    public static TheoryData<string> Names => [.. Accesses.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void I61_memory_is_released_however_a_disposal_meets_an_access(string name)
    {
        Action<NativeSlab, PercpuThread> access = Accesses[name];
        NativeSlab? given = null;
        bool over = false;
        using var accessor = new Worker(() =>
        {
            PercpuThread thread = PercpuThread.Current;
            while (!Volatile.Read(ref over))
            {
                if (Volatile.Read(ref given) is not { } slab)
                {
                    Thread.Yield();
                    continue;
                }
                try
                {
                    while (true)
                        access(slab, thread);
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.CompareExchange(ref given, null, slab);
                }
            }
        });
        try
        {
            for (int round = 0; round < 150; round++)
            {
                NativeSlab slab = NativeSlab.Allocate(64);
                Volatile.Write(ref given, slab);
                Thread.SpinWait(round * 13 % 997);
                slab.Dispose();
                Assert.True(slab.Reference.WaitForRelease(Bound), $"Round {round}: the memory is not released half a minute after the last access.");
                Worker.AwaitTrue(() => Volatile.Read(ref given) is null);
            }
        }
        finally
        {
            Volatile.Write(ref over, true);
        }
    }
}
