using Percpu.Testing;

namespace Percpu.Buffers;

/// <summary>The seam over Coyote: every thread of an iteration has a mark from the beginning.</summary>
internal static class ThreadMark
{
    internal static long Current => TestThread.Current.Number;
}
