using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Buffers;

/// <summary>The checked version: every thread has a mark from the beginning.</summary>
internal static class ThreadMark
{
    internal static long Current => ModelThread.Current.Id + 2; // Set-up code is thread -1, and 0 is none.
}
