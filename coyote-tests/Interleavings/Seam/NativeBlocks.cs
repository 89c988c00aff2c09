using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: blocks of the execution's own heap, which knows every block that was freed.</summary>
internal static unsafe class NativeBlocks
{
    internal static long[] AllocatePinnedWords(int count)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.BeginAllocation(thread, throws: true);
        return thread.Execution.Heap.AllocatePinnedWords(count);
    }

    internal static void* Allocate(nuint bytes)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.BeginAllocation(thread, throws: true);
        return (void*)thread.Execution.Heap.Allocate((long)bytes);
    }

    internal static void Free(void* block)
    {
        if (block == null)
            return; // As free() does.
        ModelThread thread = ModelThread.Current;
        thread.Execution.Free(thread, (long)block);
    }

    internal static long Reserve(long bytes)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.BeginAllocation(thread, throws: false) ? thread.Execution.Heap.Reserve(bytes) : 0;
    }

    internal static bool Commit(long address, long bytes)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.BeginAllocation(thread, throws: false) && thread.Execution.Heap.Commit(address, bytes);
    }

    internal static void AvoidHugePages(long address, long bytes)
    {
    }

    internal static bool TryZero(long address, long bytes)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Zero(thread, address, bytes, bytes);
        return true;
    }

    internal static void Release(long address, long bytes)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Free(thread, address);
    }
}
