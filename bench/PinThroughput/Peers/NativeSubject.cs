using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Peers;

/// <summary>One subject of a native program, which may have another name for it. The program is not ended with it: others share it.</summary>
internal class NativeSubject(string id, NativeProcess process, string? request = null) : Subject(id)
{
    internal override IEnumerable<Entry> CreateEntries(IReadOnlyList<int> threads) => threads.Select(count => new RemoteEntry(this, count));

    internal (double Nanoseconds, double PerSecond) RunRound(int threads, TimeSpan duration) => process.RunRound(request ?? Id, threads, duration);
}
