using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;

namespace Percpu.PinThroughput.Workloads;

internal sealed class EpochWorkload : Workload
{
    internal override string Id => "epoch";

    internal override string Operation => "enter a read section, read one shared word, leave";

    internal override string Yardstick => "percpu-epoch";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-epoch", "percpu-epoch-using", "rwlock-slim"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-epoch", "percpu-epoch-using"];

    internal override IReadOnlyList<Peer> DotNetPeers => [new("lock", () => new LockEpochSubject()), .. LightEpochPeer.Sections, .. DotNextEpochPeer.Sections];

    internal override bool HasNativePeers => true;

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuEpochSubject(), new PercpuEpochUsingSubject(), new RwLockEpochSubject()]);
}

/// <summary>A read section as one subject does it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface ISection
{
    /// <summary>Enters, adds the word to the sum, leaves.</summary>
    void Read(ref readonly long word, ref long sum);
}

/// <summary>The hot loop of every subject of <c>epoch</c>.</summary>
internal sealed class EpochLoop<TSection>(TSection section) : ChunkLoop
    where TSection : struct, ISection
{
    private readonly long[] _word = [1];

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TSection local = section;
        ref readonly long word = ref _word[0];
        long sum = 0;
        for (int i = 0; i < Operations; i++)
            local.Read(in word, ref sum);
        return sum;
    }
}

internal static class EpochBalance
{
    /// <summary>A section that was not left would block a grace period for ever.</summary>
    internal static void Check(EpochDomain domain, Action<bool, string> check) =>
        check(domain.SynchronizeAsync().Wait(TimeSpan.FromSeconds(10)), "a read section was not left.");
}

/// <summary>Enter and exit, without a finally, like every other subject of <c>epoch</c>.</summary>
internal sealed class PercpuEpochSubject() : Subject("percpu-epoch")
{
    private readonly EpochDomain _domain = new();

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_domain));

    internal override void CheckBalance() => EpochBalance.Check(_domain, Check);

    protected override void Free() => _domain.Dispose();

    private readonly struct Section(EpochDomain domain) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            EpochReader reader = domain.Enter();
            sum += Volatile.Read(in word);
            reader.Dispose();
        }
    }
}

/// <summary>The same in a using: also an exception leaves the section, for which the JIT keeps the reader on the stack.</summary>
internal sealed class PercpuEpochUsingSubject() : Subject("percpu-epoch-using")
{
    private readonly EpochDomain _domain = new();

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_domain));

    internal override void CheckBalance() => EpochBalance.Check(_domain, Check);

    protected override void Free() => _domain.Dispose();

    private readonly struct Section(EpochDomain domain) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            using EpochReader reader = domain.Enter();
            sum += Volatile.Read(in word);
        }
    }
}

internal sealed class RwLockEpochSubject() : Subject("rwlock-slim")
{
    private readonly ReaderWriterLockSlim _lock = new();

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_lock));

    internal override void CheckBalance() => Check(_lock.CurrentReadCount == 0, $"{_lock.CurrentReadCount} read locks are left.");

    protected override void Free() => _lock.Dispose();

    private readonly struct Section(ReaderWriterLockSlim @lock) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            @lock.EnterReadLock();
            sum += Volatile.Read(in word);
            @lock.ExitReadLock();
        }
    }
}

/// <summary>A <see cref="Lock"/> held while reading: readers exclude each other.</summary>
internal sealed class LockEpochSubject() : Subject("lock")
{
    private readonly Lock _lock = new();

    internal override bool MayAllocate => true; // A thread that has to wait for it makes an event, once.

    internal override Loop CreateLoop(int thread) => new EpochLoop<Section>(new Section(_lock));

    private readonly struct Section(Lock @lock) : ISection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Read(ref readonly long word, ref long sum)
        {
            lock (@lock)
                sum += Volatile.Read(in word);
        }
    }
}
