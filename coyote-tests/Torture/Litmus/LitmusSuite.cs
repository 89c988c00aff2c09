using System.Diagnostics;
using System.Runtime.InteropServices;
using Percpu.Memory;
using Percpu.Torture.Parts;
using Percpu.Torture.Running;

namespace Percpu.Torture.Litmus;

/// <summary>
/// The shipped fences on this hardware. Where the controls do not show the reordering, that the others do not show it
/// either means nothing, and the verdict is inconclusive.
/// </summary>
internal static class LitmusSuite
{
    // A process-wide fence takes microseconds: the other side must come anywhere within.
    private const int ShortDelay = 5, LongDelay = 14;

    // Elsewhere the light fence is one instruction that may be a full fence (on arm64 it is), and either outcome is right.
    private static readonly bool LightFenceIsKnown =
        !Atomic.HasProcessWideFence || RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;

    private static readonly LitmusTest[] Tests =
    [
        LitmusTest.StoreBuffering<NoFence, NoFence>("store buffering, no fence", isControl: true, ShortDelay),
        .. LightFenceIsKnown
            ? [LitmusTest.StoreBuffering<LightFence, FullFence>("store buffering, light fence against full fence", isControl: Atomic.HasProcessWideFence, ShortDelay)]
            : Array.Empty<LitmusTest>(),
        LitmusTest.StoreBuffering<LightFence, ProcessWideFence>("store buffering, light fence against process-wide fence", isControl: false, LongDelay),
        LitmusTest.StoreBuffering<FullFence, FullFence>("store buffering, full fences", isControl: false, ShortDelay),
        LitmusTest.MessagePassing("message passing, release and acquire"),
    ];

    internal static SegmentReport Run(double seconds, ulong seed)
    {
        var report = new SegmentReport { Name = Segment.Litmus, Mode = Reports.NameOf(StageMode.Plain), Seed = seed };
        if (!TwoProcessors.Available)
        {
            report.Missing.Add("one processor: the sides of a litmus test cannot run at the same time");
            report.Conclude();
            return report;
        }
        // Compiled ahead of time, light fences are full ones until the first process-wide fence, which in the library comes before any stripe.
        Atomic.ProcessWideFence();
        long started = Stopwatch.GetTimestamp();
        foreach (LitmusTest test in Tests)
            test.Run(seconds * test.Share / Tests.Sum(each => each.Share), seed, report);
        report.Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        report.Conclude();
        return report;
    }
}
