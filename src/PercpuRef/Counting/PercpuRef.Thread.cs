using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

// The same operations for a caller that has its thread at hand. Written out beside the others: an inner method for both would be one
// level of inlining more, and the JIT would no longer copy the put into the normal path of a caller's finally.
public sealed unsafe partial class PercpuRef
{
    /// <summary><see cref="Get()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="InvalidOperationException">The reference is released: the caller held none.</exception>
    /// <exception cref="ObjectDisposedException">The reference is released and disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Get(PercpuThread thread)
    {
        if (!TryCount(thread, out long stripe))
            GetSlow(1, stripe);
        GC.KeepAlive(this);
    }

    /// <summary><see cref="TryGet()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <returns>False once released.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(PercpuThread thread)
    {
        if (!TryCount(thread, out long stripe))
            return TryGetSlow(1, stripe, CountWord.Released);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary><see cref="TryGetLive()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <returns>False once killed or released.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetLive(PercpuThread thread)
    {
        if (!TryCount(thread, out long stripe))
            return TryGetSlow(1, stripe, CountWord.Dead | CountWord.Released);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary><see cref="Put()"/> without an access to thread-static fields. The reference may have been taken without
    /// <paramref name="thread"/>, and on another thread.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="InvalidOperationException">One put too many, where it can be seen: in atomic mode or at the release.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(PercpuThread thread)
    {
        long* mode = (long*)_words;
        if (RuntimeFeature.IsDynamicCodeCompiled && PerCpu.InUse)
        {
            if (!PerCpu.TryAdd(mode, -1))
                PutSlow(1, stripe: 0);
            GC.KeepAlive(this);
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
        PutSlow(1, stripe);
    }

    /// <summary>Adds one to the stripe of a thread as the other <c>TryCount</c> does. The default value has no area: what it counts
    /// goes to the shared count, which serves in every mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryCount(PercpuThread thread, out long stripe)
    {
        long* mode = (long*)_words;
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
