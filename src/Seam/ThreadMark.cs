using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>Every conducted thread has a mark from the beginning.</summary>
internal static class ThreadMark
{
    internal static long Current => Conducted.ThreadNumber;
}
