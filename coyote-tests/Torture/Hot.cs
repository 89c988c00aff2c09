using System.Runtime.CompilerServices;
using Percpu.Buffers;

namespace Percpu.Torture;

/// <summary>
/// Each hot path once, in a method of its own whose machine code can be counted. Nothing calls them here: a unit test counts what the JIT
/// makes of this file, and <c>hot-paths.sh</c> what the compiler ahead of time made of it in this program.
/// </summary>
internal static class Hot
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long GetPut(PercpuRef reference, int n)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            if (!reference.TryGetLive())
                continue;
            s++;
            reference.Put();
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long GetPutOfThread(PercpuRef reference, int n)
    {
        PercpuThread t = PercpuThread.Current;
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            if (!reference.TryGetLive(t))
                continue;
            s++;
            reference.Put(t);
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long RefPin(PercpuRef reference, int n, int[] a)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            using PercpuPin pin = reference.Pin();
            s += a[i];
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Put(PercpuRef reference, int[] a)
    {
        reference.Get();
        try
        {
            return a[1];
        }
        finally
        {
            reference.Put();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long ReadByte(NativeSlab slab, int n)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
            s += slab.ReadByte(i);
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long ReadByteOfThread(NativeSlab slab, int n)
    {
        PercpuThread t = PercpuThread.Current;
        long s = 0;
        for (int i = 0; i < n; i++)
            s += slab.ReadByte(t, i);
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Pin(NativeSlab slab, int n)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            using MappedPin pin = slab.Pin();
            s += pin.ReadByte(i);
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long PinOfThread(NativeSlab slab, int n)
    {
        PercpuThread t = PercpuThread.Current;
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            using MappedPin pin = slab.Pin(t);
            s += pin.ReadByte(i);
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long View(MappedView view, int n)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            using MappedPin pin = view.Pin();
            s += pin.ReadByte(0);
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Cell(MappedCell<NativeSlab> cell, int n)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            using MappedPin pin = cell.Pin();
            s += pin.ReadByte(i);
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Epoch(EpochDomain domain, int n, int[] a)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
        {
            using EpochReader reader = domain.Enter();
            s += a[i];
        }
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int CallReadByte(NativeSlab slab) => slab.ReadByte(0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int CallPin(NativeSlab slab)
    {
        using MappedPin pin = slab.Pin();
        return pin.ReadByte(0);
    }
}
