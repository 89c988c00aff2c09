using System.Runtime.CompilerServices;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>Fences of the calling thread.</summary>
/// <remarks>The parameters member and line are the compiler's to fill in: they say where a step comes from.</remarks>
public static class Fence
{
    /// <summary>Nothing crosses it.</summary>
    /// <remarks><see cref="Interlocked.MemoryBarrier"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Full([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            thread.Execution.FullFence(thread, new Source(member, line));
        else
            Interlocked.MemoryBarrier();
    }

    /// <summary>No later read or write comes before an earlier read.</summary>
    /// <remarks><see cref="Volatile.ReadBarrier"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            thread.Execution.ReadFence(thread, new Source(member, line));
        else
            Volatile.ReadBarrier();
    }

    /// <summary>No later write comes before an earlier read or write.</summary>
    /// <remarks><see cref="Volatile.WriteBarrier"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        if (ExploringSwitch.IsOn && ModelThread.CurrentOrNone is { } thread)
            thread.Execution.LightFence(thread, new Source(member, line));
        else
            Volatile.WriteBarrier();
    }
}
