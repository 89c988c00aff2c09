using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Peers;

/// <summary>One subject of a native program. The program is not ended with it: others share it.</summary>
internal sealed class NativeSubject(string id, NativeProcess process) : Subject(id)
{
    internal override IEnumerable<Entry> CreateEntries(IReadOnlyList<int> threads) => threads.Select(count => new RemoteEntry(this, count));

    internal (double Nanoseconds, double PerSecond) RunRound(int threads, TimeSpan duration) => process.RunRound(Id, threads, duration);
}
