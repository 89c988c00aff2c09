using Percpu.PinThroughput.Peers;

namespace Percpu.PinThroughput.Measuring;

/// <summary>A subject whose rounds, threads included, run in another process.</summary>
internal sealed class RemoteEntry(NativeSubject subject, int threads) : Entry(subject, threads)
{
    internal override bool RunsHere => false;

    internal override void WarmUp(Workers workers, TimeSpan duration) => subject.RunRound(Threads, duration);

    protected override (double Nanoseconds, double PerSecond) RunRound(Workers workers, TimeSpan duration) => subject.RunRound(Threads, duration);
}
