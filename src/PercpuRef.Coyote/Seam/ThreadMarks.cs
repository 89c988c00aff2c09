namespace Percpu.Buffers;

/// <summary>The seam over Coyote: every thread of an iteration has a mark, and keeps its number.</summary>
internal static class ThreadMarks
{
    internal static int Slot(long mark) => (int)mark;

    internal static void Attach()
    {
    }
}
