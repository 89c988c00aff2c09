using Percpu;
using Percpu.Interleavings;

namespace InterleavingTests;

/// <summary>A stack of numbers in native memory, whose nodes an epoch domain reclaims (Treiber 1986). Thread-safe.</summary>
public sealed unsafe class TreiberStack(EpochDomain domain, StackFault fault = StackFault.None)
{
    private const int Value = 0, Next = 1;

    private AtomicLong _top;

    public void Push(long value)
    {
        long* node = NativeWord.Allocate(2);
        NativeWord.WriteRelaxed(node + Value, value);
        while (true)
        {
            long top = _top.Read();
            NativeWord.WriteRelaxed(node + Next, top);
            if (_top.CompareExchange((long)node, top) == top)
                return;
        }
    }

    public bool TryPop(out long value)
    {
        if (fault == StackFault.NoReadSection)
            return TryPopInside(out value);
        using EpochReader reader = domain.Enter();
        return TryPopInside(out value);
    }

    /// <summary>Frees the nodes that nobody can be looking at any more.</summary>
    public void Reclaim() => domain.Reclaim();

    private bool TryPopInside(out long value)
    {
        while (true)
        {
            var top = (long*)_top.Read();
            value = 0;
            if (top == null)
                return false;
            long next = NativeWord.Read(top + Next);
            if (_top.CompareExchange(next, (long)top) != (long)top)
                continue;
            value = NativeWord.Read(top + Value);
            if (fault == StackFault.FreesAtOnce)
                NativeWord.Free(top);
            else
                domain.Retire((nint)top, static node => NativeWord.Free((long*)node));
            return true;
        }
    }
}
