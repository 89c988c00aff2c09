using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>The operations of <see cref="PercpuRef"/> for a caller that has its thread at hand: get, put and their like without an access to
/// thread-static fields.</summary>
/// <remarks>Thread-safety: as of the reference; a <see cref="PercpuThread"/> cannot leave its thread. Beside the type and not in it, so that
/// each of its methods is found by its name alone. Kernel: what <c>this_cpu_ptr</c>, taken once, is to <c>this_cpu_inc</c>.</remarks>
public static unsafe class PercpuRefThreadExtensions
{
    // Written out beside the others: an inner method for both would be one level of inlining more, and the JIT would no longer
    // copy the put into the normal path of a caller's finally.

    /// <summary><see cref="PercpuRef.Get()"/> without an access to thread-static fields.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="InvalidOperationException">The reference is released: the caller held none.</exception>
    /// <exception cref="ObjectDisposedException">The reference is released and disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Get(this PercpuRef reference, PercpuThread thread)
    {
        if (!TryCount(reference, thread, out long stripe))
            reference.GetSlow(1, stripe);
        GC.KeepAlive(reference);
    }

    /// <summary><see cref="PercpuRef.TryGet()"/> without an access to thread-static fields.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="thread">The running thread.</param>
    /// <returns>False once released.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGet(this PercpuRef reference, PercpuThread thread)
    {
        if (!TryCount(reference, thread, out long stripe))
            return reference.TryGetSlow(1, stripe, CountWord.Released);
        GC.KeepAlive(reference);
        return true;
    }

    /// <summary><see cref="PercpuRef.TryGetLive()"/> without an access to thread-static fields.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="thread">The running thread.</param>
    /// <returns>False once killed or released.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGetLive(this PercpuRef reference, PercpuThread thread)
    {
        if (!TryCount(reference, thread, out long stripe))
            return reference.TryGetSlow(1, stripe, CountWord.Dead | CountWord.Released);
        GC.KeepAlive(reference);
        return true;
    }

    /// <summary><see cref="PercpuRef.Put()"/> without an access to thread-static fields. The reference may have been taken without
    /// <paramref name="thread"/>, and on another thread.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="InvalidOperationException">One put too many, where it can be seen: in atomic mode or at the release.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(this PercpuRef reference, PercpuThread thread)
    {
        long* mode = (long*)reference.Words;
        if (RuntimeFeature.IsDynamicCodeCompiled && PerCpu.InUse)
        {
            if (!PerCpu.TryAdd(mode, -1))
                reference.PutSlow(1, stripe: 0);
            GC.KeepAlive(reference);
            return;
        }
        long word = Atomic.LoadAcquire(mode); // ORDER(get-1)
        long stripe = thread.Area + word;
        if (stripe > 0)
        {
            Atomic.AddLocalRelease((long*)stripe, -1); // ORDER(put-1)
            Atomic.LightFence(); // ORDER(get-2)
            if (Atomic.LoadAcquire(mode) == word)
                return; // The slow way needs this object, which therefore lives until the last look at the mode.
        }
        reference.PutSlow(1, stripe);
    }

    /// <summary><see cref="PercpuRef.TryPin(out PercpuPin)"/> without an access to thread-static fields.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="thread">The running thread.</param>
    /// <param name="pin">The pin; disposing it puts.</param>
    /// <returns>False once killed or released.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryPin(this PercpuRef reference, PercpuThread thread, out PercpuPin pin)
    {
        if (!TryCount(reference, thread, out long stripe))
        {
            if (!reference.TryGetSlow(1, stripe, CountWord.Dead | CountWord.Released))
            {
                pin = default;
                return false;
            }
            stripe = 0;
        }
        pin = new PercpuPin(reference, stripe);
        return true;
    }

    /// <summary><see cref="PercpuRef.Pin()"/> without an access to thread-static fields.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="ObjectDisposedException">It was killed, or is released.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PercpuPin Pin(this PercpuRef reference, PercpuThread thread)
    {
        if (!TryPin(reference, thread, out PercpuPin pin))
            PercpuRef.ThrowNotLive();
        return pin;
    }

    /// <summary>Adds one to the stripe of a thread as the other <c>TryCount</c> does. The default value has no area: what it counts
    /// goes to the shared count, which serves in every mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryCount(PercpuRef reference, PercpuThread thread, out long stripe)
    {
        long* mode = (long*)reference.Words;
        if (RuntimeFeature.IsDynamicCodeCompiled && PerCpu.InUse)
        {
            stripe = 0;
            return PerCpu.TryAdd(mode, 1);
        }
        long word = Atomic.LoadAcquire(mode); // ORDER(get-1)
        stripe = thread.Area + word;
        if (stripe <= 0)
            return false;
        Atomic.AddLocal((long*)stripe, 1);
        Atomic.LightFence(); // ORDER(get-2)
        return Atomic.LoadAcquire(mode) == word;
    }
}
