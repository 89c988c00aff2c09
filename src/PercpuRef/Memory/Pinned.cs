using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percpu.Memory;

/// <summary>Addresses inside pinned arrays.</summary>
internal static unsafe class Pinned
{
    /// <summary>The address of an element of an array of <see cref="NativeBlocks.AllocatePinnedWords"/>.</summary>
    internal static long* Address(long[] words, int index) =>
        (long*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(words)) + index;
}

/// <summary>The shared words of one object: a <c>long</c>, or a struct of them. Their address stays the same as long as the object
/// lives.</summary>
internal readonly unsafe struct Pinned<T>
    where T : unmanaged
{
    private const int WordsPerLine = 8; // At least so many: the words of two objects then have hardly ever a line in common.

    private readonly long[] _words = NativeBlocks.AllocatePinnedWords(Math.Max(WordsPerLine, sizeof(T) / sizeof(long)));

    public Pinned()
    {
    }

    /// <summary>Where they are. Valid as long as the object lives.</summary>
    internal T* Pointer => (T*)Pinned.Address(_words, 0);
}
