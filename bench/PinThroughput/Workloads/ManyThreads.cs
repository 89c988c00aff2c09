using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class ManyThreadsWorkload : Workload
{
    internal const string OperationName = "operation", ThreadsAlive = "threadsAlive";

    private const string ThreadStripes = "thread-stripes", CpuStripes = "cpu-stripes", Fence = "fence";

    private static readonly string[] Counts = ["2", "100", "1000", "10000"];

    private readonly ManyThreadsAnswers _answers = new();

    internal override string Id => "many-threads";

    internal override string Operation => "one operation (or one of a KillAll of 100) beside so many threads that pinned everything and sleep: processor time of the caller";

    internal override string Yardstick => ThreadStripes;

    internal override string Floor => Fence; // One among as many threads, whatever the operation.

    internal override IReadOnlyList<string> SubjectIds => [ThreadStripes, CpuStripes, Fence];

    internal override IReadOnlyList<string> OwnIds => [ThreadStripes, CpuStripes];

    internal override IReadOnlyList<int>? Threads => [1];

    internal override int? Rounds => 3; // Each is a process.

    internal override bool IsCompared => false; // What it grows by is its answer, not its ratio to a fence.

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [.. ManyThreadsProbe.Operations.SelectMany(_ => Counts, (operation, count) => new Dictionary<string, string> { [OperationName] = operation, [ThreadsAlive] = count })];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new(
        [
            Of(ThreadStripes, Stripes.Thread, parameters),
            Of(CpuStripes, Stripes.Cpu, parameters),
            Of(Fence, ManyThreadsProbe.Fence, parameters),
        ]);

    private ManyThreadsSubject Of(string id, string kind, IReadOnlyDictionary<string, string> parameters) =>
        new(id, kind, parameters[OperationName], parameters[ThreadsAlive], _answers);
}

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

/// <summary>
/// The child process of <c>many-threads</c>: lets so many threads pin every reference and enter the domain, and sleep;
/// then one thread does each operation. Answers the nanoseconds of processor time of one, in the order of
/// <see cref="Operations"/>. It uses the public surface that the first version had, so that an older library can be put beside it.
/// </summary>
internal static class ManyThreadsProbe
{
    internal const string Argument = "--many-threads-probe", Fence = "fence";
    internal const string Kill = "kill", KillAll = "kill-all-100", Create = "create", Synchronize = "synchronize";

    private const int BatchSize = 100, Creations = 4_000, Fences = 2_000, Few = 1_000;

    /// <summary>An operation whose figure takes longer than this ends early.</summary>
    private const double EnoughNanoseconds = 250e6;

    internal static string[] Operations { get; } = [Kill, KillAll, Create, Synchronize];

    /// <param name="arguments">The kind (<see cref="Fence"/> or a kind of stripes), and how many threads.</param>
    internal static int Run(string[] arguments)
    {
        int threads = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        try
        {
            if (arguments[0] == Stripes.Cpu && Stripes.WhyNotPerCpu is { } reason)
                throw new NotAvailableException(reason);
            double[] figures = arguments[0] == Fence ? MeasureFence(threads) : Measure(threads);
            Console.WriteLine(string.Join(' ', figures.Select(figure => figure.ToString("F1", CultureInfo.InvariantCulture))));
            return ExitCode.Success;
        }
        catch (NotAvailableException exception)
        {
            Console.WriteLine(exception.Message);
            return ExitCode.NotSupported;
        }
    }

    private static double[] Measure(int threads)
    {
        WarmUp();
        var domain = new EpochDomain();
        int batches = threads <= Few ? 20 : 3; // Every thread pins each.
        PercpuRef[] one = References(batches * BatchSize + 1), many = References((batches + 1) * BatchSize); // One more, see Each.
        SleepingThreads.Start(threads - 1, Pin); // The caller is the last one.
        Pin();
        double kill = Each(batches * BatchSize, i => one[i].Kill());
        double killAll = Each(batches, i => PercpuRef.KillAll(many.AsSpan(i * BatchSize, BatchSize))) / BatchSize;
        var created = new PercpuRef[Creations + 1];
        double create = Each(Creations, i => created[i] = new PercpuRef());
        double synchronize = Each(Fences, _ => domain.Synchronize());
        GC.KeepAlive(created);
        if (one.Concat(many).Any(reference => !reference.IsZero && reference.IsDying))
            throw new CheckFailedException("a killed reference is not zero though every pin was given back.");
        return [kill, killAll, create, synchronize];

        void Pin()
        {
            foreach (PercpuRef[] some in (ReadOnlySpan<PercpuRef[]>)[one, many])
            {
                foreach (PercpuRef reference in some)
                {
                    if (!reference.TryGetLive())
                        throw new CheckFailedException("a pin was refused although nothing was killed.");
                    reference.Put();
                }
            }
            domain.Enter().Dispose();
        }
    }

    /// <summary>The same threads, but none of them uses the library.</summary>
    private static double[] MeasureFence(int threads)
    {
        SleepingThreads.Start(threads - 1, static () => { });
        Interlocked.MemoryBarrierProcessWide();
        double fence = Each(Fences, static _ => Interlocked.MemoryBarrierProcessWide());
        return [fence, fence, fence, fence];
    }

    /// <summary>Nothing is compiled, and no first use happens, while the figures are taken.</summary>
    private static void WarmUp()
    {
        PercpuRef[] some = References(2 * BatchSize);
        using var domain = new EpochDomain();
        foreach (PercpuRef reference in some.AsSpan(BatchSize))
        {
            reference.TryGetLive();
            reference.Put();
            reference.Kill();
        }
        PercpuRef.KillAll(some.AsSpan(0, BatchSize));
        domain.Enter().Dispose();
        domain.Synchronize();
        Each(2, static _ => { });
    }

    private static PercpuRef[] References(int count)
    {
        var all = new PercpuRef[count];
        for (int i = 0; i < count; i++)
            all[i] = new PercpuRef();
        return all;
    }

    /// <summary>The processor time of one of so many; of fewer where they take long.</summary>
    /// <param name="count">How many.</param>
    /// <param name="operation">What to do for each number below that; and before, untimed, for that number: the JIT compiles it then, which
    /// would cost a few hundred operations a microsecond each.</param>
    private static double Each(int count, Action<int> operation)
    {
        operation(count);
        double start = ProcessorTime.Nanoseconds(), took = 0;
        int done = 0;
        for (int look = 1; done < count && took < EnoughNanoseconds; look *= 2) // The look itself costs half a microsecond.
        {
            int until = Math.Min(count, done + look);
            for (; done < until; done++)
                operation(done);
            took = ProcessorTime.Nanoseconds() - start;
        }
        return took / done;
    }
}

/// <summary>Threads that do something once and then sleep until the process ends. Small stacks: there may be 10,000.</summary>
internal static class SleepingThreads
{
    private const int StackBytes = 64 << 10;

    /// <summary>Starts them and waits until each has done its work.</summary>
    /// <exception cref="NotAvailableException">The system does not give so many.</exception>
    internal static void Start(int count, Action work)
    {
        using var done = new CountdownEvent(count);
        var forever = new ManualResetEvent(false);
        for (int i = 0; i < count; i++)
        {
            StartOne(() =>
            {
                work();
                done.Signal();
                forever.WaitOne();
            }, i, count);
        }
        done.Wait();
    }

    /// <summary>Starts the one after <paramref name="before"/> others of <paramref name="count"/>.</summary>
    /// <exception cref="NotAvailableException">The system does not give it.</exception>
    internal static void StartOne(ThreadStart work, int before, int count)
    {
        try
        {
            new Thread(work, StackBytes) { IsBackground = true }.Start();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            throw new NotAvailableException($"the system gave {before} threads of {count}: {exception.Message}");
        }
    }
}

/// <summary>The processor time of the calling thread; where the system does not tell (other than Linux), the time of day.</summary>
internal static partial class ProcessorTime
{
    private const int OfThisThread = 3; // CLOCK_THREAD_CPUTIME_ID

    internal static double Nanoseconds() => OperatingSystem.IsLinux() && GetTime(OfThisThread, out Time time) == 0
        ? time.Seconds * 1e9 + time.Nanoseconds
        : Stopwatch.GetTimestamp() * 1e9 / Stopwatch.Frequency;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        internal readonly long Seconds;
        internal readonly long Nanoseconds;
    }
}
