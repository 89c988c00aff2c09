using System.Runtime.CompilerServices;

namespace Percpu.Testing;

/// <summary>Tells the finalizer's thread, which belongs to no test: what it does to words of an iteration has no effect.</summary>
internal static class Finalization
{
    // Without a static constructor, in which one would wait for the finalizer's thread, and that one for its end.
    private static int s_thread; // 0: not known yet.

    internal static bool IsHere => Environment.CurrentManagedThreadId == Volatile.Read(ref s_thread);

    /// <summary>Learns which thread that is. For whoever makes an iteration, before there are words in it; holds no lock.</summary>
    internal static void Learn()
    {
        for (int i = 0; i < 10 && Volatile.Read(ref s_thread) == 0; i++)
        {
            MakeProbe();
            GC.Collect();
            GC.WaitForPendingFinalizers(); // Does nothing on the finalizer's own thread.
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeProbe() => _ = new Probe();

    private sealed class Probe
    {
        ~Probe() => Volatile.Write(ref s_thread, Environment.CurrentManagedThreadId);
    }
}
