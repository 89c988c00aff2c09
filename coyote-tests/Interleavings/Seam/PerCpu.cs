using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: a section is two steps of the running <see cref="Execution"/>, started anew when something
/// comes between them.</summary>
internal static unsafe class PerCpu
{
    internal static bool InUse => ModelThread.Current.Execution.Model.CpuStripes;

    internal static bool IsInlined => InUse;

    internal static string Reason => "The memory model says so.";

    internal static int Count => InUse ? Execution.ProcessorCount : 0;

    internal static long RestartCount => 0; // Restarts are the scheduler's.

    internal static bool TryAdd(long* mode, long count, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.AddInSection(thread, mode, count, restartsWhenMoved: true, restartsWhenFenced: true, new Source(member, line));
    }

    internal static void SetArea(int index, long area) => ModelThread.Current.Execution.ProcessorAreas[index] = area;

    internal static void Fence([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.RestartSections(thread, new Source(member, line));
    }
}
