using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percpu.Torture.Parts;

/// <summary>
/// What a reference or a reader protects: a block of native memory with its age and a pattern that depends on its
/// address and number. Releasing poisons it; it stays allocated in the quarantine, so that a late reader finds poison
/// rather than a crash.
/// </summary>
internal readonly unsafe struct Block(long* words)
{
    internal const int Words = 16;

    private const long Poison = 0x6B6B_6B6B_6B6B_6B6B;

    private static long s_outstanding;

    /// <summary>Blocks that were allocated and not freed.</summary>
    internal static long Outstanding => Volatile.Read(ref s_outstanding);

    internal long* Address { get; } = words;

    internal bool IsNull => Address == null;

    /// <summary>0 published, 1 unlinked, 2 released, more for each stage of the quarantine.</summary>
    internal long Age
    {
        get => Volatile.Read(ref Address[0]);
        set => Volatile.Write(ref Address[0], value);
    }

    internal static Block Create(long number)
    {
        long* words = (long*)NativeMemory.AllocZeroed(Words * sizeof(long));
        Interlocked.Increment(ref s_outstanding);
        for (int i = 2; i < Words; i++)
            words[i] = Pattern(words, number, i);
        words[1] = number;
        return new Block(words);
    }

    /// <summary>One word, for tight loops.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasPattern(int index) => Volatile.Read(ref Address[index]) == Pattern(Address, Address[1], index);

    /// <summary>Every word.</summary>
    internal bool IsIntact()
    {
        for (int i = 2; i < Words; i++)
        {
            if (!HasPattern(i))
                return false;
        }
        return true;
    }

    /// <summary>The release: nobody may look at the block any more.</summary>
    internal void Destroy()
    {
        Age = 2;
        for (int i = 2; i < Words; i++)
            Volatile.Write(ref Address[i], Poison);
    }

    internal void Free()
    {
        NativeMemory.Free(Address);
        Interlocked.Decrement(ref s_outstanding);
    }

    private static long Pattern(long* words, long number, int index) => ((long)words ^ (number * 0x9E3779B97F4A7C1)) + index;
}
