using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>A read section of an <see cref="EpochDomain"/>: whatever is retired while it is open stays valid until it
/// is disposed. Belongs to the thread that entered; cannot be boxed, stored or carried over an await.</summary>
/// <remarks>Kernel: the code between <c>rcu_read_lock</c> and <c>rcu_read_unlock</c>.</remarks>
public unsafe ref struct EpochReader
{
    /// <summary>Low bits of an announced word: how many sections of this thread are open.</summary>
    internal const long DepthMask = 0xFFFF;

    private readonly EpochDomain _domain;
    private long* _slot;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal EpochReader(EpochDomain domain, long* slot)
    {
        _domain = domain;
        _slot = slot;
    }

    /// <summary>Leaves the read section. Disposing the same variable again does nothing.</summary>
    /// <exception cref="InvalidOperationException">The section was left before through a copy of this struct.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        long* slot = _slot;
        if (slot == null)
            return;
        _slot = null;
        // ORDER(exit-1) store-release: every read of the section comes before it. Pairs with ORDER(grace-3).
        if ((Atomic.LoadLocal(slot) & DepthMask) == 1)
            Atomic.StoreRelease(slot, 0);
        else
            ExitNested(_domain, slot);
        GC.KeepAlive(_domain);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ExitNested(EpochDomain domain, long* slot)
    {
        if (domain.IsShared(slot))
        {
            domain.ExitShared();
            return;
        }
        long inside = Atomic.LoadLocal(slot);
        if (inside == 0)
            throw new InvalidOperationException("The read section was left before, through a copy of its EpochReader.");
        Atomic.StoreRelease(slot, inside - 1);
    }
}
