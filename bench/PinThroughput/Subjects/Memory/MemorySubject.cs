using System.Globalization;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Memory;

/// <summary>References of one kind, each counted on by every thread, in a process of their own.</summary>
internal sealed class MemorySubject(string id, string references, int? threadsAlive) : Subject(id)
{
    internal override IEnumerable<Entry> CreateEntries(IReadOnlyList<int> threads) =>
        threadsAlive is { } alive ? [new MemoryEntry(this, alive, 1)] : threads.Select(count => new MemoryEntry(this, count, count));

    private MemoryAnswer Probe(int threads)
    {
        (int exitCode, string answer) = OwnProgram.Ask(OwnProgram.Describe([MemoryProbe.Argument, Id, references, threads.ToString(CultureInfo.InvariantCulture)]));
        return exitCode switch
        {
            ExitCode.Success => MemoryAnswer.Parse(answer),
            ExitCode.NotSupported => throw new NotAvailableException(answer),
            _ => throw new CheckFailedException($"{Id}: the process that measures memory failed."),
        };
    }

    /// <param name="threads">How many count on the references.</param>
    /// <param name="shown">The same, unless a parameter of the row says how many there are.</param>
    private sealed class MemoryEntry(MemorySubject subject, int threads, int shown) : Entry(subject, shown)
    {
        private readonly List<MemoryAnswer> _answers = [];

        internal override bool RunsHere => false;

        internal override bool IsPinned => false;

        internal override double? BytesPerReference => Statistics.Median([.. _answers.Select(answer => answer.BytesPerReference)]);

        internal override double? BytesPerThread => Statistics.Median([.. _answers.Select(answer => answer.BytesPerThread)]);

        internal override double? Mappings => Statistics.Median([.. _answers.Select(answer => answer.Mappings)]);

        internal override void WarmUp(Workers workers, TimeSpan duration)
        {
            // Nothing stays warm from one process to the next.
        }

        protected override (double Nanoseconds, double PerSecond) RunRound(Workers workers, TimeSpan duration)
        {
            MemoryAnswer answer = subject.Probe(threads);
            _answers.Add(answer);
            return (answer.NanosecondsPerCreation, 1e9 / answer.NanosecondsPerCreation);
        }
    }
}
