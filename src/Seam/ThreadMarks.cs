namespace Percpu.Buffers;

/// <summary>A thread's mark is its number, which it keeps.</summary>
internal static class ThreadMarks
{
    internal static int Slot(long mark) => (int)mark;

    internal static void Attach()
    {
    }
}
