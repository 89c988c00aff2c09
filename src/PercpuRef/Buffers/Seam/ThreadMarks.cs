#pragma warning disable RS0030 // The seam.
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>What a thread is known by among pools: in the low bits a small number, an ended thread's again; above them what
/// makes the whole unlike the mark of any other thread there ever was.</summary>
internal static class ThreadMarks
{
    private const int SlotBits = 20;

    private static readonly ThreadIndexes Owners = new();
    private static long s_threads;

    /// <summary>The small number, from 1; 0 of a thread without a mark.</summary>
    internal static int Slot(long mark) => (int)mark & ((1 << SlotBits) - 1);

    /// <summary>Gives this thread a mark, if it has none.</summary>
    internal static void Attach()
    {
        if (ThreadMark.Current != 0)
            return;
        lock (Owners)
        {
            int index = Owners.FindEnded();
            if (index >= 0)
            {
                Owners.GiveToCurrent(index);
            }
            else
            {
                index = Owners.Count;
                if (Slot(index + 1) == 0)
                    throw new InsufficientMemoryException($"{index} threads that live have rented blocks: more are too many.");
                Owners.AddCurrent();
            }
            ThreadMark.Current = (++s_threads << SlotBits) | (uint)(index + 1);
        }
    }
}
