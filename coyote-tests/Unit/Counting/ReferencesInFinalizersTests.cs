using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

public sealed class ReferencesInFinalizersTests
{
    private static readonly ConcurrentBag<PercpuRef> Resurrected = [];
    private static int _released;
    private static int _failed;

    [Fact]
    public void I25_a_put_in_a_users_finalizer_releases_exactly_and_disturbs_no_new_reference()
    {
        const int owners = 500;
        List<PercpuRef> fresh = [];
        CreateOwners(owners);
        for (int i = 0; i < 10 && Volatile.Read(ref _released) < owners; i++)
        {
            GC.Collect();
            fresh.AddRange(KillAllTests.Create(200, null)); // Would recycle the slots of those waiting for their finalizer.
            Collector.AwaitFinalizers();
        }
        Assert.Equal(owners, _released);
        Assert.Equal(0, _failed);
        foreach (PercpuRef reference in fresh)
        {
            Assert.Equal(1, Inside.Count(reference));
            reference.Kill();
            Assert.True(reference.IsZero);
        }
    }

    [Fact]
    public void I25_a_resurrected_reference_keeps_its_slot_and_its_count()
    {
        const int count = 300;
        CreateResurrecting(count);
        HashSet<long> later = [];
        List<PercpuRef> others = [];
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            Collector.AwaitFinalizers();
            others.AddRange(KillAllTests.Create(1000, null));
        }
        foreach (PercpuRef other in others)
            later.Add(Inside.Number(other));
        Assert.Equal(count, Resurrected.Count);
        foreach (PercpuRef reference in Resurrected)
        {
            Assert.DoesNotContain(Inside.Number(reference), later);
            Assert.Equal(8, Inside.Count(reference));
            Assert.True(reference.TryGetLive());
            reference.Kill();
            Assert.False(reference.IsZero);
            reference.PutMany(8);
            Assert.True(reference.IsZero);
        }
        GC.KeepAlive(others);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CreateOwners(int count)
    {
        for (int i = 0; i < count; i++)
            _ = new Owner(new PercpuRef(_ => Interlocked.Increment(ref _released)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CreateResurrecting(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var reference = new PercpuRef();
            reference.GetMany(7);
            _ = new Resurrecting(reference);
        }
    }

    private sealed class Owner
    {
        private readonly PercpuRef _reference;

        internal Owner(PercpuRef reference)
        {
            reference.Get();
            _reference = reference;
        }

        ~Owner()
        {
            try
            {
                _reference.Kill();
                _reference.Put();
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref _failed);
            }
        }
    }

    private sealed class Resurrecting(PercpuRef reference)
    {
        ~Resurrecting() => Resurrected.Add(reference);
    }
}
