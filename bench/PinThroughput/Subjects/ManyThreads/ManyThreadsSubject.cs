using System.Diagnostics;
using System.Globalization;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.ManyThreads;

/// <summary>An operation beside so many threads alive: each round is one of the figures of a process of its own.</summary>
internal sealed class ManyThreadsSubject(string id, string kind, string operation, string threadsAlive, ManyThreadsAnswers answers) : Subject(id)
{
    internal override IEnumerable<Entry> CreateEntries(IReadOnlyList<int> threads) => [new ManyThreadsEntry(this)];

    /// <exception cref="NotAvailableException">The kind of stripes or so many threads cannot be had here.</exception>
    private double Probe(int round)
    {
        string[] figures = answers.Of(kind, threadsAlive, round).Split(' ');
        int place = Array.IndexOf(ManyThreadsProbe.Operations, operation);
        return figures.Length == ManyThreadsProbe.Operations.Length && double.TryParse(figures[place], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double figure)
            ? figure
            : throw new CheckFailedException($"{Id}: the process with {threadsAlive} threads failed.");
    }

    private sealed class ManyThreadsEntry(ManyThreadsSubject subject) : Entry(subject, 1)
    {
        internal override bool RunsHere => false;

        internal override bool IsPinned => false;

        internal override void WarmUp(Workers workers, TimeSpan duration)
        {
            // Nothing stays warm from one process to the next.
        }

        protected override (double Nanoseconds, double PerSecond) RunRound(Workers workers, TimeSpan duration)
        {
            double nanoseconds = subject.Probe(Rounds.Count);
            return (nanoseconds, 1e9 / nanoseconds);
        }
    }
}

/// <summary>What the child processes said. One answers for all operations, whichever is measured first.</summary>
internal sealed class ManyThreadsAnswers
{
    private readonly Dictionary<(string Kind, string ThreadsAlive, int Round), string> _answers = [];

    internal string Of(string kind, string threadsAlive, int round)
    {
        if (_answers.TryGetValue((kind, threadsAlive, round), out string? known))
            return known;
        ProcessStartInfo start = OwnProgram.Describe([ManyThreadsProbe.Argument, kind, threadsAlive]);
        if (kind != ManyThreadsProbe.Fence)
            start.Environment[Stripes.Variable] = kind;
        // Compiled once and for good, and no collection while figures are taken: with 10,000 threads to stop it would be all there is to see.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment["DOTNET_GCgen0size"] = "0x10000000";
        (int exitCode, string answer) = OwnProgram.Ask(start);
        if (exitCode == ExitCode.NotSupported)
            throw new NotAvailableException(answer);
        return _answers[(kind, threadsAlive, round)] = exitCode == ExitCode.Success ? answer : "";
    }
}
