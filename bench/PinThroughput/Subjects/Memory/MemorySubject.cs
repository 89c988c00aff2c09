using System.Diagnostics;
using System.Globalization;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Memory;

/// <summary>References of one kind, each counted on by every thread, in a process of their own.</summary>
internal sealed class MemorySubject(string id, string references) : Subject(id)
{
    internal override IEnumerable<Entry> CreateEntries(IReadOnlyList<int> threads) => threads.Select(count => new MemoryEntry(this, count));

    /// <summary>Bytes a reference, and nanoseconds a creation.</summary>
    internal (double Bytes, double Nanoseconds) Probe(int threads)
    {
        string program = Environment.ProcessPath!;
        string[] arguments = [MemoryProbe.Argument, Id, references, threads.ToString(CultureInfo.InvariantCulture)];
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            arguments = [Path.Combine(AppContext.BaseDirectory, "PinThroughput.dll"), .. arguments];
        using Process child = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string? answer = child.StandardOutput.ReadLine();
        child.WaitForExit();
        return answer?.Split(' ') is [var bytes, var nanoseconds] && child.ExitCode == 0
            ? (double.Parse(bytes, CultureInfo.InvariantCulture), double.Parse(nanoseconds, CultureInfo.InvariantCulture))
            : throw new CheckFailedException($"{Id}: the process that measures memory failed.");
    }

    private sealed class MemoryEntry(MemorySubject subject, int threads) : Entry(subject, threads)
    {
        private readonly List<double> _bytes = [];

        internal override bool RunsHere => false;

        internal override double? BytesPerReference => Statistics.Median(_bytes);

        internal override void WarmUp(Workers workers, TimeSpan duration)
        {
            // Nothing stays warm from one process to the next.
        }

        protected override (double Nanoseconds, double PerSecond) RunRound(Workers workers, TimeSpan duration)
        {
            (double bytes, double nanoseconds) = subject.Probe(Threads);
            _bytes.Add(bytes);
            return (nanoseconds, 1e9 / nanoseconds);
        }
    }
}
