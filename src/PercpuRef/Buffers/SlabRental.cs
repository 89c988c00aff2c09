using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A rented block of a <see cref="SlabPool"/>. May be stored, copied, carried over an await and returned on any thread.
/// Returning it again, or a copy of it, does nothing, whoever has the block by then.
/// </summary>
[DebuggerDisplay("{IsRented ? \"rented\" : \"returned\",nq}")]
public readonly struct SlabRental : IDisposable, IEquatable<SlabRental>
{
    private readonly SlabBlock? _block;
    private readonly long _generation;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SlabRental(SlabBlock block, long generation)
    {
        _block = block;
        _generation = generation;
    }

    /// <summary>Whether the block is this rental's: false for the default value and once returned.</summary>
    public bool IsRented => _block is not null && _block.IsRented(_generation);

    /// <summary>The block's bytes, not cleared. Not to be used after the return.</summary>
    /// <exception cref="ObjectDisposedException">It was returned.</exception>
    public unsafe Span<byte> Span
    {
        get
        {
            SlabBlock block = Checked();
            return MemoryMarshal.CreateSpan(ref *block.Address, block.Length);
        }
    }

    /// <summary>The block's bytes, not cleared. Not to be used after the return; while it is pinned, the slab stays mapped.</summary>
    /// <exception cref="ObjectDisposedException">It was returned.</exception>
    public Memory<byte> Memory => Checked().Memory;

    /// <summary>Returns the block. Any number of times, from any copy, on any thread: the first counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_block is not null)
            SlabPool.Return(_block, _generation);
    }

    /// <summary><see cref="Dispose()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Dispose(PercpuThread thread)
    {
        if (_block is null)
            return;
        if (thread.Hazards != 0)
            SlabPool.Return(_block, _generation, Atomic.LoadLocal(Hazard.OfMark(thread.Hazards)));
        else
            Dispose();
    }

    /// <summary>Whether both are copies of one rental.</summary>
    public bool Equals(SlabRental other) => ReferenceEquals(_block, other._block) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SlabRental other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_block, _generation);

    /// <summary>Whether both are copies of one rental.</summary>
    public static bool operator ==(SlabRental left, SlabRental right) => left.Equals(right);

    /// <summary>Whether they are different rentals.</summary>
    public static bool operator !=(SlabRental left, SlabRental right) => !left.Equals(right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SlabBlock Checked()
    {
        SlabBlock? block = _block;
        if (block is null || !block.IsRented(_generation))
            ThrowReturned();
        return block;
    }

    [DoesNotReturn]
    private static void ThrowReturned() => throw new ObjectDisposedException(typeof(SlabRental).FullName);
}
