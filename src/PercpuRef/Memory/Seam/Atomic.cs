#pragma warning disable RS0030 // The seam: the one place that may touch Volatile and Interlocked.
using System.Runtime.CompilerServices;

namespace Percpu.Memory;

/// <summary>
/// The one way to read, write and fence words that threads share. Every such word lies at a stable
/// address, is 8 bytes, and is touched only through here, also by its owner.
/// </summary>
/// <remarks>
/// Part of the seam (this folder): the interleaving checker compiles the rest of the source as it is and
/// puts its own versions of these files in their place. The strength of each operation stands in its name.
/// </remarks>
internal static unsafe class Atomic
{
    /// <summary>
    /// Whether <see cref="ProcessWideFence"/> makes every running thread of the process execute a full fence.
    /// Where it does not (runtimes we do not know, or the switch <c>Percpu.FullLightFence</c>), the light
    /// fence pays for both sides.
    /// </summary>
    internal static readonly bool HasProcessWideFence =
        (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD())
        && !(AppContext.TryGetSwitch("Percpu.FullLightFence", out bool full) && full);

    /// <summary>Load-acquire: no later access of this thread moves before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long LoadAcquire(long* word) => Volatile.Read(ref *word);

    /// <summary>Store-release: no earlier access of this thread moves after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreRelease(long* word, long value) => Volatile.Write(ref *word, value);

    /// <summary>Reads a word that never changes once others can see it. Ordered by the load that led to its address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long LoadPublished(long* word) => *word;

    /// <summary>Reads a word that only this thread writes. Orders nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long LoadLocal(long* word) => *word;

    /// <summary>Writes a word that only this thread writes and others may read. Orders nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreLocal(long* word, long value) => *word = value;

    /// <summary>Adds to a word that only this thread writes and others may read. Not interlocked; orders nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddLocal(long* word, long value) => *word += value;

    /// <summary><see cref="AddLocal"/> as a store-release: no earlier access of this thread moves after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddLocalRelease(long* word, long value) => Volatile.Write(ref *word, *word + value);

    /// <summary>Compare-exchange, a full fence. Returns the value found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long CompareExchange(long* word, long value, long comparand) =>
        Interlocked.CompareExchange(ref *word, value, comparand);

    /// <summary>Exchange, a full fence. Returns the value before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Exchange(long* word, long value) => Interlocked.Exchange(ref *word, value);

    /// <summary>Fetch-add, a full fence. Returns the value before; wraps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long FetchAdd(long* word, long value) => Interlocked.Add(ref *word, value) - value;

    /// <summary>Load-acquire of a managed reference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T LoadReference<T>(ref readonly T location) where T : class? => Volatile.Read(in location);

    /// <summary>Store-release of a managed reference, where only one thread at a time may store.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreReference<T>(ref T location, T value) where T : class? => Volatile.Write(ref location, value);

    /// <summary>Exchange of a managed reference, a full fence.</summary>
    internal static T ExchangeReference<T>(ref T location, T value) where T : class? =>
        Interlocked.Exchange(ref location, value);

    /// <summary>Compare-exchange of a managed reference, a full fence. Returns the reference found.</summary>
    internal static T CompareExchangeReference<T>(ref T location, T value, T comparand) where T : class? =>
        Interlocked.CompareExchange(ref location, value, comparand);

    /// <summary>A full fence of this thread.</summary>
    internal static void FullFence() => Interlocked.MemoryBarrier();

    /// <summary>
    /// The reader's half of an asymmetric fence: a store before it and a load after it stay in this order in the
    /// machine code, and <see cref="ProcessWideFence"/> makes the order visible. Free where that fence is real.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void LightFence()
    {
        // In this shape the JIT sees fewest statements before it drops those that are never run: it copies a finally into the
        // normal path as long as there are few.
        if (RuntimeFeature.IsDynamicCodeCompiled)
        {
            if (!HasProcessWideFence)
                Interlocked.MemoryBarrier();
        }
        else if (!AheadOfTime.MayBeLight)
        {
            Interlocked.MemoryBarrier();
        }
        Volatile.WriteBarrier();
    }

    /// <summary>
    /// The writer's half: when it returns, every other thread of the process has executed a full fence
    /// since the call (0.3 to 10 microseconds). The kernel's nearest name is <c>membarrier</c>.
    /// </summary>
    internal static void ProcessWideFence()
    {
        if (HasProcessWideFence)
        {
            AheadOfTime.MayBeLight = true;
            Interlocked.MemoryBarrierProcessWide();
        }
        else
        {
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>
    /// <see cref="HasProcessWideFence"/> for light fences that were compiled ahead of time, where a static that is initialised is no
    /// constant: each use would first check whether it has been. This one has no initialiser. It is false until the first process-wide fence,
    /// which comes before the first stripe there is, and never again.
    /// </summary>
    /// <remarks>Plain, for any order is right: who still reads false makes a full fence, which is as good, and true is only written
    /// where every process-wide fence, earlier or later, is a real one.</remarks>
    private static class AheadOfTime
    {
        internal static bool MayBeLight;
    }
}
