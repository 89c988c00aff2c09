namespace Percpu.Unit.Counting;

public sealed class KillAllTests
{
    [Fact]
    public void I19_an_empty_batch_does_nothing() => PercpuRef.KillAll([]);

    [Fact]
    public void I19_a_batch_kill_kills_and_releases_each_element()
    {
        int released = 0;
        PercpuRef[] references = Create(1000, _ => released++);
        Assert.True(references[7].TryGetLive());

        PercpuRef.KillAll(references);

        Assert.All(references, reference => Assert.True(reference.IsDying));
        Assert.All(references, reference => Assert.False(reference.TryGetLive()));
        Assert.Equal(999, released);
        references[7].Put();
        Assert.Equal(1000, released);
    }

    [Fact]
    public void I19_a_batch_may_mix_percpu_and_atomic_references()
    {
        int released = 0;
        PercpuRef[] references = Create(3, _ => released++);
        references[1].SwitchToAtomic();

        PercpuRef.KillAll(references);

        Assert.Equal(3, released);
    }

    [Fact]
    public void A_null_element_changes_nothing()
    {
        PercpuRef[] references = Create(3, null);
        ArgumentNullException exception = Assert.Throws<ArgumentNullException>(() =>
            PercpuRef.KillAll([references[0], null!, references[1]]));
        Assert.Contains("1", exception.Message, StringComparison.Ordinal);
        AssertUntouched(references);
    }

    [Fact]
    public void A_duplicate_element_changes_nothing()
    {
        PercpuRef[] references = Create(3, null);
        Assert.Throws<ArgumentException>(() => PercpuRef.KillAll([references[2], references[0], references[1], references[2]]));
        AssertUntouched(references);
    }

    [Fact]
    public void A_dying_element_changes_nothing_and_drops_nothing()
    {
        PercpuRef[] references = Create(3, null);
        var dying = new PercpuRef();
        dying.Get();
        dying.Kill();
        Assert.Throws<InvalidOperationException>(() => PercpuRef.KillAll([references[0], references[1], dying]));
        AssertUntouched(references);
        Assert.False(dying.IsZero);
        dying.Put();
        Assert.True(dying.IsZero);
    }

    [Fact]
    public void A_released_or_disposed_element_changes_nothing()
    {
        PercpuRef[] references = Create(2, null);
        var released = new PercpuRef();
        released.SwitchToAtomic();
        released.Put();
        Assert.Throws<InvalidOperationException>(() => PercpuRef.KillAll([references[0], released, references[1]]));
        var disposed = new PercpuRef();
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => PercpuRef.KillAll([references[0], references[1], disposed]));
        AssertUntouched(references);
    }

    [Fact]
    public void One_throwing_release_callback_reaches_the_caller_as_it_is_and_all_are_killed()
    {
        var thrown = new IOException("one");
        PercpuRef[] references = [.. Create(2, null), new PercpuRef(_ => throw thrown), .. Create(2, null)];

        Assert.Same(thrown, Assert.Throws<IOException>(() => PercpuRef.KillAll(references)));

        Assert.All(references, reference => Assert.True(reference.IsZero));
        Assert.True(references[2].Released.IsFaulted);
    }

    [Fact]
    public void Several_throwing_release_callbacks_come_together_and_all_are_killed()
    {
        int released = 0;
        PercpuRef[] references = Create(4, _ => throw new IOException($"{released++}"));

        AggregateException all = Assert.Throws<AggregateException>(() => PercpuRef.KillAll(references));

        Assert.Equal(["0", "1", "2", "3"], all.InnerExceptions.Select(inner => inner.Message));
        Assert.All(references, reference => Assert.True(reference.WaitForRelease(TimeSpan.Zero)));
    }

    internal static PercpuRef[] Create(int count, Action<PercpuRef>? release)
    {
        var references = new PercpuRef[count];
        for (int i = 0; i < count; i++)
            references[i] = new PercpuRef(release);
        return references;
    }

    private static void AssertUntouched(PercpuRef[] references)
    {
        foreach (PercpuRef reference in references)
        {
            Assert.True(reference.IsPercpu);
            Assert.False(reference.IsDying);
            Assert.Equal(1, Inside.Count(reference));
            reference.Kill();
            Assert.True(reference.IsZero);
        }
    }
}
