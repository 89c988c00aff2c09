using System.Diagnostics;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Litmus;

/// <summary>
/// Two threads that meet before every round, wait a random moment, and run their sides. A naive loop overlaps almost
/// never: one thread is through before the other has started.
/// </summary>
/// <param name="seed">For the moments.</param>
/// <param name="longestDelayBits">The longest moment is two to this power turns of a loop: as long as the slower side takes.</param>
internal sealed unsafe class LockStep(ulong seed, int longestDelayBits)
{
    private const int Batch = 1024, Line = 16;
    private const int X = 1, Y = 2, ArrivedA = 3, ArrivedB = 4, LastRound = 5, Lines = 7;

    private readonly long[] _memory = GC.AllocateArray<long>(Lines * Line, pinned: true);

    // Two batches each: while one thread counts the last batch the other may be in the next.
    private readonly byte[] _foundA = new byte[2 * Batch];
    private readonly byte[] _foundB = new byte[2 * Batch];

    /// <summary>In how many rounds the sides returned a and b, at [a, b].</summary>
    internal long[,] Outcomes { get; } = new long[4, 4];

    internal long Rounds { get; private set; }

    internal void Run<TA, TB>(double seconds) where TA : struct, ISide where TB : struct, ISide
    {
        var first = new Thread(() => RunA<TA>(seconds), 256 << 10) { IsBackground = true, Name = "litmus A" };
        var second = new Thread(RunB<TB>, 256 << 10) { IsBackground = true, Name = "litmus B" };
        first.Start();
        second.Start();
        first.Join();
        second.Join();
    }

    private void RunA<TSide>(double seconds) where TSide : struct, ISide
    {
        TwoProcessors.Bind(0);
        var random = new Rng(seed, 1);
        long started = Stopwatch.GetTimestamp();
        for (long round = 1; ; round++)
        {
            bool newBatch = round % Batch == 0;
            if (newBatch && Stopwatch.GetElapsedTime(started).TotalSeconds > seconds)
                Volatile.Write(ref *Word(LastRound), round); // Before we arrive: the other thread reads it after.
            Meet(ArrivedA, ArrivedB, round);
            if (newBatch)
                Count(round - Batch);
            if (newBatch && Volatile.Read(ref *Word(LastRound)) == round)
                return;
            Delay(random);
            _foundA[round % (2 * Batch)] = (byte)TSide.Run(Word(X), Word(Y), round);
        }
    }

    private void RunB<TSide>() where TSide : struct, ISide
    {
        TwoProcessors.Bind(1);
        var random = new Rng(seed, 2);
        for (long round = 1; ; round++)
        {
            Meet(ArrivedB, ArrivedA, round);
            if (Volatile.Read(ref *Word(LastRound)) == round)
                return;
            Delay(random);
            _foundB[round % (2 * Batch)] = (byte)TSide.Run(Word(X), Word(Y), round);
        }
    }

    /// <summary>Counts the batch that begins with a round. The other thread has arrived after it, so it has written all of it.</summary>
    private void Count(long first)
    {
        for (long round = Math.Max(first, 1); round < first + Batch; round++)
        {
            long at = round % (2 * Batch);
            Outcomes[_foundA[at], _foundB[at]]++;
            Rounds++;
        }
    }

    private void Meet(int mine, int other, long round)
    {
        Volatile.Write(ref *Word(mine), round);
        // The other thread may have been preempted: spinning on would only take its processor.
        for (int spins = 0; Volatile.Read(ref *Word(other)) < round; spins++)
        {
            if (spins > 20_000)
                Thread.Yield();
        }
    }

    private void Delay(Rng random)
    {
        ulong roll = random.Next();
        int bits = (int)(roll % (ulong)(longestDelayBits + 1));
        int turns = (int)(roll >> 32) & ((1 << bits) - 1);
        for (int i = 0; i < turns; i++)
            Nothing();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Nothing()
    {
    }

    private long* Word(int line)
    {
        fixed (long* words = _memory) // Pinned for good.
            return words + line * Line;
    }
}
