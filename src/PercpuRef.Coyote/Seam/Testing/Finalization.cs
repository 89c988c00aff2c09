namespace Percpu.Testing;

/// <summary>Tells the finalizer's thread, which belongs to no test: what it does to words of an iteration has no effect.</summary>
internal static class Finalization
{
    private static int s_thread = -1;

    static Finalization()
    {
        MakeProbe();
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    internal static bool IsHere => Environment.CurrentManagedThreadId == s_thread;

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void MakeProbe() => _ = new Probe();

    private sealed class Probe
    {
        ~Probe() => s_thread = Environment.CurrentManagedThreadId;
    }
}
