using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percpu.PinThroughput.Workloads;

/// <summary>A bounded queue from one thread to one other. A slot has a cache line, whatever a block's size.</summary>
internal sealed class HandOverRing<TBlock>(int capacity)
    where TBlock : struct
{
    private readonly TBlock[] _slots = new TBlock[(capacity + 1) * Stride];
    private HandOverPositions _positions;
    private long _rounds;
    private volatile bool _isBroken;

    private static int Stride => 64 / Unsafe.SizeOf<TBlock>();

    /// <summary>Blocks put so far. For the putting thread; for others when it rests.</summary>
    internal long Put => _positions.Put;

    /// <summary>Blocks taken so far. For the taking thread; for others when it rests.</summary>
    internal long Taken => _positions.Taken;

    /// <summary>Rounds that the putting thread has ended.</summary>
    internal long Rounds => Volatile.Read(ref _rounds);

    /// <summary>Adds a block; waits while the ring is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(TBlock block)
    {
        long put = _positions.Put;
        if (put - _positions.TakenAsSeen == capacity)
            WaitForRoom(put);
        _slots[(int)(put & (capacity - 1)) * Stride] = block;
        Volatile.Write(ref _positions.Put, put + 1);
    }

    /// <summary>No more in this round.</summary>
    internal void EndRound() => Volatile.Write(ref _rounds, _rounds + 1);

    /// <summary>Takes a block; waits while there is none. False when there is none and the round after <paramref name="rounds"/> others is over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTake(long rounds, out TBlock block)
    {
        long taken = _positions.Taken;
        if (taken == _positions.PutAsSeen && !WaitForBlock(taken, rounds))
        {
            block = default;
            return false;
        }
        block = _slots[(int)(taken & (capacity - 1)) * Stride];
        Volatile.Write(ref _positions.Taken, taken + 1);
        return true;
    }

    /// <summary>One side has failed: the other shall not wait for ever.</summary>
    internal void Break() => _isBroken = true;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForRoom(long put)
    {
        var spin = default(SpinWait);
        while (put - (_positions.TakenAsSeen = Volatile.Read(ref _positions.Taken)) == capacity)
            Wait(ref spin);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool WaitForBlock(long taken, long rounds)
    {
        var spin = default(SpinWait);
        while (true)
        {
            bool isOver = Rounds > rounds; // First: what was put before the end is seen below.
            if ((_positions.PutAsSeen = Volatile.Read(ref _positions.Put)) != taken)
                return true;
            if (isOver)
                return false;
            Wait(ref spin);
        }
    }

    private void Wait(ref SpinWait spin)
    {
        if (_isBroken)
            throw new CheckFailedException("the other thread has failed.");
        spin.SpinOnce(sleep1Threshold: -1);
    }
}

/// <summary>Where the two sides of a <see cref="HandOverRing{TBlock}"/> are: each side's own words in lines of their own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal struct HandOverPositions
{
    [FieldOffset(128)]
    internal long Put;

    [FieldOffset(136)]
    internal long TakenAsSeen;

    [FieldOffset(256)]
    internal long Taken;

    [FieldOffset(264)]
    internal long PutAsSeen;
}
