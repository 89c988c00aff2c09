using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// Gets whose put comes at the end of a stack frame, also on an exception.
public sealed unsafe partial class PercpuRef
{
    /// <summary>Takes a reference as <see cref="TryGetLive()"/> does, for one stack frame.</summary>
    /// <param name="pin">The pin; disposing it puts. Not to be disposed when the call returns false (harmless).</param>
    /// <returns>False once killed or released.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(out PercpuPin pin)
    {
        if (!TryCount(1, out long stripe))
        {
            if (!TryGetSlow(1, stripe, CountWord.Dead | CountWord.Released))
            {
                pin = default;
                return false;
            }
            stripe = 0; // Counted where the slow way found a place.
        }
        pin = new PercpuPin(this, stripe);
        return true;
    }

    /// <summary>Takes a reference as <see cref="TryGetLive()"/> does, for one stack frame: <c>using PercpuPin pin = reference.Pin();</c>.</summary>
    /// <exception cref="ObjectDisposedException">It was killed, or is released.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PercpuPin Pin()
    {
        if (!TryPin(out PercpuPin pin))
            ThrowNotLive();
        return pin;
    }

    /// <summary>Ends a pin that was counted in a stripe of this thread; 0 stands for a pin that was counted elsewhere.</summary>
    /// <remarks>As <see cref="Put()"/>, with one difference: its first look at the mode is that of the get. A put may come
    /// any time after that look: if the mode has changed since, the look after the add finds it changed, and the caller settles.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndPin(long stripe)
    {
        if (stripe <= 0 || !TryTakeBack(stripe))
            EndPinSlow(stripe); // Needs this object, which therefore lives until the last look at the mode.
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTakeBack(long stripe)
    {
        Atomic.AddLocalRelease((long*)stripe, -1); // ORDER(put-1)
        Atomic.LightFence(); // ORDER(get-2)
        return StripeLayout.IsPercpu(Atomic.LoadAcquire((long*)_words));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndPinSlow(long stripe)
    {
        if (stripe > 0)
            SettleLatePut();
        else
            Put();
        GC.KeepAlive(this);
    }

    [DoesNotReturn]
    internal static void ThrowNotLive() => throw new ObjectDisposedException(nameof(PercpuRef), "The reference was killed: it can no longer be pinned.");
}
