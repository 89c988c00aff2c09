using System.Globalization;

namespace Percpu.PinThroughput.Subjects.ManyThreads;

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
