using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

/// <summary>Range checks of mapped memory, and what they throw.</summary>
internal static class Bounds
{
    /// <summary>Checks a range against a total. Returns the range's length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Check(long offset, long length, long total)
    {
        if ((ulong)offset > (ulong)total || (ulong)length > (ulong)(total - offset))
            Throw(offset, length, total);
        return length;
    }

    /// <summary>Checks that a value of a size, known to the JIT, lies inside the total: for one byte, one comparison.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void CheckValue(long offset, int size, long total)
    {
        if (!Holds(offset, size, total))
            Throw(offset, size, total);
    }

    /// <summary>Whether a value of a size, known to the JIT, lies inside the total.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Holds(long offset, int size, long total) =>
        size == 1 ? (ulong)offset < (ulong)total : (ulong)offset <= (ulong)total && total - offset >= size;

    [DoesNotReturn]
    internal static void Throw(long offset, long length, long total)
    {
        if (total == 0)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "There are no bytes here: the pin was not taken or is disposed, or it is one of an empty view.");
        if (offset < 0 || offset > total)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The mapped memory has {total} bytes.");
        throw new ArgumentOutOfRangeException(nameof(length), length, $"The mapped memory has {total - offset} bytes from {offset}.");
    }
}
