using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Percpu.Microbenchmarks;

/// <summary>Ways to keep a word for each thread: what a pin would pay to find its own. In a loop and once in a call.</summary>
/// <remarks>Bears out docs/performance.md, "How a thread finds its words"; the library keeps plain numbers in a class of their own.</remarks>
[BenchmarkCategory("thread")]
public class ThreadFields
{
    private const int Rounds = 1_000;

    private readonly long[] _values = [.. Enumerable.Range(0, Rounds).Select(i => (long)i)];

    [GlobalSetup]
    public void Setup()
    {
        Numbers.Area = Mixed.Area = 1;
        Pair.Fields = new Pair.Words(hazards: 2) { Area = 1 };
        Mixed.Name = "thread";
        Instance.Current = new Instance();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long NumbersInALoop() => Loop(default(Numbers.Way));

    [Benchmark(OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long StructInALoop() => Loop(default(Pair.Way));

    [Benchmark(OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long ObjectInALoop() => Loop(default(Instance.Way));

    [Benchmark(OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long BesideAReferenceInALoop() => Loop(default(Mixed.Way));

    [Benchmark(OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long NumbersInCalls() => Calls(default(Numbers.Way));

    [Benchmark(OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long StructInCalls() => Calls(default(Pair.Way));

    [Benchmark(OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long ObjectInCalls() => Calls(default(Instance.Way));

    [Benchmark(OperationsPerInvoke = Rounds)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long BesideAReferenceInCalls() => Calls(default(Mixed.Way));

    // A bound that the JIT does not know, and a branch before the access: it stays in the loop, as in most programs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Loop<TWay>(TWay way)
        where TWay : struct, IWay
    {
        long sum = 0;
        foreach (long value in _values)
        {
            if (value != sum)
                sum += way.Area;
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Calls<TWay>(TWay way)
        where TWay : struct, IWay
    {
        long sum = 0;
        for (int i = 0; i < Rounds; i++)
            sum += Call(way);
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Call<TWay>(TWay way)
        where TWay : struct, IWay => way.Area;

    /// <summary>One way to keep the word.</summary>
    private interface IWay
    {
        long Area { get; }
    }

    /// <summary>Numbers, and nothing else in the class.</summary>
    private static class Numbers
    {
        [ThreadStatic]
        internal static long Area;

        internal readonly struct Way : IWay
        {
            long IWay.Area => Numbers.Area;
        }
    }

    /// <summary>One struct of them.</summary>
    private static class Pair
    {
        [ThreadStatic]
        internal static Words Fields;

        internal struct Words(long hazards)
        {
            internal long Area, Hazards = hazards;
        }

        internal readonly struct Way : IWay
        {
            long IWay.Area => Fields.Area;
        }
    }

    /// <summary>An object a thread.</summary>
    private sealed class Instance
    {
        [ThreadStatic]
        internal static Instance? Current;

        private readonly long _area = 1;

        internal readonly struct Way : IWay
        {
            long IWay.Area => Current!._area;
        }
    }

    /// <summary>A number in a class that has a reference for each thread as well.</summary>
    private static class Mixed
    {
        [ThreadStatic]
        internal static string? Name;

        [ThreadStatic]
        internal static long Area;

        internal readonly struct Way : IWay
        {
            long IWay.Area => Mixed.Area;
        }
    }
}
