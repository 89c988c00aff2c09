using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A part of a <see cref="MappedMemory"/>. It owns nothing and keeps nothing mapped; its pins pin the whole memory and
/// show this part.
/// </summary>
public readonly unsafe partial record struct MappedView
{
    internal MappedView(MappedMemory memory, long offset, long length)
    {
        Memory = memory;
        Offset = offset;
        Length = length;
    }

    /// <summary>The memory it is a part of; null for the default value.</summary>
    public MappedMemory? Memory { get; }

    /// <summary>First byte in <see cref="Memory"/>.</summary>
    public long Offset { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Pins the memory and shows this part; see <see cref="MappedMemory.TryPin(out MappedPin)"/>.</summary>
    /// <returns>False once the memory was disposed.</returns>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(out MappedPin pin)
    {
        long hazards = PerThread.Hazards; // Before the first branch, as in MappedMemory.
        MappedMemory memory = Checked();
        if (memory.TryBeginPin(memory.Counted, hazards, out long* hazard))
        {
            pin = new MappedPin(memory, memory.Address + Offset, Length, hazard);
            return true;
        }
        pin = default;
        return false;
    }

    /// <summary>Pins the memory and shows this part.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MappedPin Pin()
    {
        if (!TryPin(out MappedPin pin))
            Memory!.ThrowDisposed();
        return pin;
    }

    /// <summary><see cref="TryPin(out MappedPin)"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="pin">The pin.</param>
    /// <returns>False once the memory was disposed.</returns>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(PercpuThread thread, out MappedPin pin)
    {
        MappedMemory memory = Checked();
        if (memory.TryBeginPin(memory.Counted, thread.Hazards, out long* hazard))
        {
            pin = new MappedPin(memory, memory.Address + Offset, Length, hazard);
            return true;
        }
        pin = default;
        return false;
    }

    /// <summary><see cref="Pin()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MappedPin Pin(PercpuThread thread)
    {
        if (!TryPin(thread, out MappedPin pin))
            Memory!.ThrowDisposed();
        return pin;
    }

    /// <summary>A part of this part.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not inside this view.</exception>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    public MappedView View(long offset, long length) => new(Checked(), Offset + offset, Bounds.Check(offset, length, Length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private MappedMemory Checked()
    {
        if (Memory is null)
            ThrowNoMemory();
        return Memory;
    }

    [DoesNotReturn]
    private static void ThrowNoMemory() => throw new InvalidOperationException("The view is the default value: it shows no memory.");
}
