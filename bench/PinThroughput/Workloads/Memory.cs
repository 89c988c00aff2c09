using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class MemoryWorkload : Workload
{
    private const string References = "references";

    private static readonly string[] Sizes = ["100000", "300000", "1000000"], Alive = ["2", "100", "1000", "10000"];

    internal override string Id => "memory";

    internal override string Operation => "create one reference of so many, on which each thread then counts; with the memory it takes, in a process of its own";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "interlocked", "safe-handle", "rwlock-slim"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override int? Rounds => 1; // Bytes do not wobble; each round is a process.

    internal override bool IsCompared => false;

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [
            .. Sizes.Select(count => new Dictionary<string, string> { [References] = count }),
            .. Alive.Select(count => new Dictionary<string, string> { [References] = "1000", [ManyThreadsWorkload.ThreadsAlive] = count }),
        ];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int? alive = parameters.TryGetValue(ManyThreadsWorkload.ThreadsAlive, out string? count) ? int.Parse(count, CultureInfo.InvariantCulture) : null;
        // What threads take beside others that count: only ours takes anything.
        IEnumerable<string> subjects = alive is null ? SubjectIds : OwnIds;
        return new WorkloadInstance([.. subjects.Select(id => new MemorySubject(id, parameters[References], alive))]);
    }
}

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

/// <summary>What the child process of <c>memory</c> measured.</summary>
/// <param name="BytesPerReference">With the threads' words for it, but without what a thread takes at its first use.</param>
/// <param name="NanosecondsPerCreation">Of one reference.</param>
/// <param name="BytesPerThread">By how much the process grew (with its page tables) when the threads used the references, for each thread.</param>
/// <param name="Mappings">How many more the process had then, all threads together.</param>
internal sealed record MemoryAnswer(double BytesPerReference, double NanosecondsPerCreation, double BytesPerThread, double Mappings)
{
    internal static MemoryAnswer Parse(string line)
    {
        double[] figures = [.. line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
        return new MemoryAnswer(figures[0], figures[1], figures[2], figures[3]);
    }

    internal void Print() =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{BytesPerReference:F2} {NanosecondsPerCreation:F2} {BytesPerThread:F0} {Mappings:F0}"));
}

/// <summary>The child process of <c>memory</c>: creates references, lets threads count on each, and prints a
/// <see cref="MemoryAnswer"/>.</summary>
internal static class MemoryProbe
{
    internal const string Argument = "--memory-probe";

    internal static int Run(string[] arguments)
    {
        int count = int.Parse(arguments[1], CultureInfo.InvariantCulture), threads = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        (Func<object> create, Action<object> use) = Kinds.Of(arguments[0]);
        (Func<object> _, Action<object> dummy) = Kinds.Of("interlocked");
        object first = create();
        use(first);
        var counter = new Counter();
        var all = new object[count];
        Array.Fill(all, counter); // Touched: the array is not what is measured.
        using var crew = new SteppedThreads(threads);
        try
        {
            crew.Start();
        }
        catch (NotAvailableException exception)
        {
            Console.WriteLine(exception.Message);
            return ExitCode.NotSupported;
        }
        crew.Step(() => UseAll(all, dummy)); // What a loop of this kind takes of a stack is not what is measured either.
        Footprint idle = Footprint.Take();
        crew.Step(() => use(first)); // What a thread takes once.
        Footprint before = Footprint.Take();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < all.Length; i++)
            all[i] = create();
        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        Footprint created = Footprint.Take();
        crew.Step(() => UseAll(all, use));
        Footprint used = Footprint.Take();
        GC.KeepAlive(first);
        GC.KeepAlive(all);
        new MemoryAnswer(
            (double)(used.Resident - before.Resident) / count,
            nanoseconds,
            (double)(before.Bytes - idle.Bytes + (used.Bytes - created.Bytes)) / threads,
            before.Mappings - idle.Mappings + (used.Mappings - created.Mappings)).Print();
        return ExitCode.Success;
    }

    private static void UseAll(object[] all, Action<object> use)
    {
        foreach (object each in all)
            use(each);
    }

    private static class Kinds
    {
        internal static (Func<object> Create, Action<object> Use) Of(string id) => id switch
        {
            "percpu-ref" => (static () => new PercpuRef(), static each =>
            {
                var reference = (PercpuRef)each;
                if (reference.TryGetLive())
                    reference.Put();
            }),
            "safe-handle" => (static () => new SafeFileHandle(1, ownsHandle: false), static each =>
            {
                bool taken = false;
                ((SafeFileHandle)each).DangerousAddRef(ref taken);
                ((SafeFileHandle)each).DangerousRelease();
            }),
            "rwlock-slim" => (static () => new ReaderWriterLockSlim(), static each =>
            {
                ((ReaderWriterLockSlim)each).EnterReadLock();
                ((ReaderWriterLockSlim)each).ExitReadLock();
            }),
            "interlocked" => (static () => new Counter(), static each =>
            {
                Interlocked.Increment(ref ((Counter)each).Count);
                Interlocked.Decrement(ref ((Counter)each).Count);
            }),
            _ => throw new ArgumentException($"There is no subject '{id}'."),
        };
    }

    private sealed class Counter
    {
        internal long Count = 1;
    }
}

/// <summary>Threads that stay alive (an ended thread's stripes would go to the next) and do one thing after the other, all together, until they are told to end.</summary>
internal sealed class SteppedThreads(int count) : IDisposable
{
    private readonly CountdownEvent _done = new(count);
    private readonly ManualResetEvent[] _go = [new(false), new(false)]; // In turns: one is closed while the other is open.
    private volatile Action? _action;
    private int _steps;
    private int _started;

    /// <exception cref="NotAvailableException">The system does not give so many.</exception>
    internal void Start()
    {
        for (; _started < count; _started++)
            SleepingThreads.StartOne(Work, _started, count);
    }

    /// <summary>Lets each do it, and waits for all.</summary>
    internal void Step(Action action) => Next(action);

    public void Dispose()
    {
        Next(null);
        _done.Dispose();
        foreach (ManualResetEvent go in _go)
            go.Dispose();
    }

    private void Next(Action? action)
    {
        _action = action;
        _go[(_steps + 1) % 2].Reset();
        _done.Reset(_started);
        _go[_steps++ % 2].Set();
        _done.Wait();
    }

    private void Work()
    {
        for (int step = 0; ; step++)
        {
            _go[step % 2].WaitOne();
            Action? action = _action;
            action?.Invoke();
            _done.Signal();
            if (action is null)
                return;
        }
    }
}

/// <summary>What the process takes, after the collector has given back what it does not need.</summary>
/// <param name="Resident">Bytes of its own in RAM.</param>
/// <param name="PageTables">Bytes of the page tables that map them; 0 where the system does not tell.</param>
/// <param name="Mappings">How many ranges of addresses; 0 where the system does not tell.</param>
internal readonly record struct Footprint(long Resident, long PageTables, int Mappings)
{
    private const string Status = "/proc/self/status", Maps = "/proc/self/maps";

    internal long Bytes => Resident + PageTables;

    internal static Footprint Take()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return File.Exists(Status)
            ? new Footprint(Kilobytes("RssAnon:") * 1024, Kilobytes("VmPTE:") * 1024, File.ReadLines(Maps).Count())
            : new Footprint(Environment.WorkingSet, 0, 0);
    }

    private static long Kilobytes(string key)
    {
        string line = File.ReadLines(Status).First(each => each.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
