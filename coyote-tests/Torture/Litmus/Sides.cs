using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Torture.Litmus;

/// <summary>Store buffering, one side: store mine, fence, load the other's.</summary>
internal readonly unsafe struct StoresX<TFence> : ISide where TFence : struct, IFence
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Run(long* x, long* y, long round)
    {
        Atomic.StoreLocal(x, round);
        TFence.Fence();
        return Atomic.LoadAcquire(y) == round ? 1 : 0;
    }
}

/// <summary>Store buffering, the other side.</summary>
internal readonly unsafe struct StoresY<TFence> : ISide where TFence : struct, IFence
{
    public static int Run(long* x, long* y, long round) => StoresX<TFence>.Run(y, x, round);
}

/// <summary>Message passing: the data, then the flag.</summary>
internal readonly unsafe struct Sends : ISide
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Run(long* x, long* y, long round)
    {
        Atomic.StoreLocal(x, round);
        Atomic.StoreRelease(y, round);
        return 0;
    }
}

/// <summary>Message passing: the flag, then the data. Bit 0 is the flag, bit 1 the data.</summary>
internal readonly unsafe struct Receives : ISide
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Run(long* x, long* y, long round)
    {
        int flag = Atomic.LoadAcquire(y) == round ? 1 : 0;
        int data = Atomic.LoadLocal(x) == round ? 2 : 0;
        return flag | data;
    }
}
