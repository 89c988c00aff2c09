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
