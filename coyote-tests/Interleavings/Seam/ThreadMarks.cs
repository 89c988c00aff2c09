namespace Percpu.Buffers;

/// <summary>The checked version: every model thread has a mark, and keeps its number.</summary>
internal static class ThreadMarks
{
    internal static int Slot(long mark) => (int)mark;

    internal static void Attach()
    {
    }
}
