using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>Each argument that is refused is told by its name and value, and nothing has been done then.</summary>
public sealed class RefusedCountArgumentsTests
{
    [Fact]
    public void Arguments_of_references()
    {
        foreach (PercpuRefOptions options in (PercpuRefOptions[])[(PercpuRefOptions)16, (PercpuRefOptions)(-1), (PercpuRefOptions)int.MinValue])
            Refused.Range("options", options, () => new PercpuRef(null, options));
        using var reference = new PercpuRef(null, PercpuRefOptions.InitAtomic | PercpuRefOptions.AllowReinit | PercpuRefOptions.TrackHolders);
        Refused.Null("confirm", () => reference.KillAndConfirm(null!));
        foreach (TimeSpan timeout in (TimeSpan[])[TimeSpan.FromTicks(-1), TimeSpan.FromMilliseconds(-2), TimeSpan.MinValue, TimeSpan.FromMilliseconds(int.MaxValue), TimeSpan.MaxValue])
        {
            Refused.Range("timeout", timeout, () => reference.WaitForRelease(timeout));
            Refused.Range("timeout", timeout, () => reference.WaitForReleaseOrThrow(timeout));
        }
        Assert.False(reference.WaitForRelease(TimeSpan.Zero));
        var other = new PercpuRef();
        Refused.Null("references", () => PercpuRef.KillAll([other, null!]));
        Refused.Wrong("references", () => PercpuRef.KillAll([other, reference, other]));
        Assert.False(other.IsDying || reference.IsDying);
        other.Kill();
        // The longest that may be waited, and for ever.
        Assert.True(other.WaitForRelease(TimeSpan.FromMilliseconds(int.MaxValue - 1)) && other.WaitForRelease(Timeout.InfiniteTimeSpan));
        PercpuRef.KillAll([]);
    }
}
