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
            ThrowValue(offset, size, total);
    }

    /// <summary>Whether a value of a size, known to the JIT, lies inside the total.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Holds(long offset, int size, long total) =>
        size == 1 ? (ulong)offset < (ulong)total : (ulong)offset <= (ulong)total && total - offset >= size;

    [DoesNotReturn]
    internal static void Throw(long offset, long length, long total)
    {
        if (total == 0)
            throw NoBytes(offset);
        if (offset < 0 || offset > total)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The offset is not inside: there are {total} bytes.");
        throw new ArgumentOutOfRangeException(nameof(length), length, length < 0
            ? "A length cannot be negative."
            : $"Too long: there are {total} bytes, {total - offset} of them from {offset} on.");
    }

    // A value has no length that its reader gave: whatever is wrong, it is the offset.
    [DoesNotReturn]
    internal static void ThrowValue(long offset, int size, long total)
    {
        if (total == 0)
            throw NoBytes(offset);
        throw new ArgumentOutOfRangeException(nameof(offset), offset, offset < 0 || offset >= total
            ? $"The offset is not inside: there are {total} bytes."
            : $"A value of {size} bytes does not fit at {offset}: there are {total} bytes.");
    }

    private static ArgumentOutOfRangeException NoBytes(long offset) =>
        new(nameof(offset), offset, "There are no bytes here: the pin was not taken or is disposed, or the file or view is empty.");
}
