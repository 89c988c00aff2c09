namespace Percpu.Unit.Counting;

/// <summary>What messages say to the one who gets them at night.</summary>
public sealed class MessageTests
{
    [Fact]
    public void A_revival_that_is_refused_says_what_to_do()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        MustSay("Kill it first", reference.Reinit);
        MustSay("Kill it first", reference.Resurrect);
        reference.Get();
        reference.Kill();
        MustSay("WaitForRelease", reference.Reinit);
        reference.Put();
        MustSay("Use Reinit", reference.Resurrect);
        MustSay("killed before", reference.Kill);
        reference.Reinit();
        reference.SwitchToAtomic();
        reference.Put(); // The initial one.
        MustSay("never killed", reference.Kill);
        MustSay("Use Reinit", reference.Resurrect);
        MustSay("never killed", reference.SwitchToPercpu);
        MustSay("AllowReinit", new PercpuRef().SwitchToPercpu);
    }

    [Fact]
    public void A_batch_says_which_element_it_refuses()
    {
        PercpuRef first = new(), second = new(), killed = new();
        killed.Kill();
        Assert.Contains("Elements 1 and 3 are the same reference", Assert.Throws<ArgumentException>(() => PercpuRef.KillAll([first, second, new PercpuRef(), second])).Message, StringComparison.Ordinal);
        Assert.Contains("Element 1 was killed before", Assert.Throws<InvalidOperationException>(() => PercpuRef.KillAll([first, killed])).Message, StringComparison.Ordinal);
        Assert.False(first.IsDying || second.IsDying);
    }

    [Fact]
    public void A_disposed_reference_refuses_to_switch_also_when_it_is_tracked()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit | PercpuRefOptions.TrackHolders);
        reference.SwitchToPercpu();
        Assert.False(reference.IsPercpu);
        reference.Dispose();
        Assert.Throws<ObjectDisposedException>(reference.SwitchToPercpu);
        Assert.Contains("disposed", Assert.Throws<ObjectDisposedException>(reference.Reinit).Message, StringComparison.Ordinal);
    }

    private static void MustSay(string what, Action call) =>
        Assert.Contains(what, Assert.Throws<InvalidOperationException>(call).Message, StringComparison.Ordinal);
}
