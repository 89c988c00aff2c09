using System.Runtime.CompilerServices;

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

    /// <summary>Pins the memory and shows this part; see <see cref="MappedMemory.TryPin(out MappedPin)"/>. A part of no bytes pins nothing.</summary>
    /// <returns>False once the memory was disposed.</returns>
    /// <exception cref="InvalidOperationException">The view is the default value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(out MappedPin pin)
    {
        MappedMemory memory = Checked();
        PercpuRef reference = memory.Reference;
        if (Length == 0)
            return TryPinNothing(memory, out pin);
        if (reference.TryGetLiveHere(out long* hazard))
        {
            pin = new MappedPin(reference, memory.Address + Offset, Length, memory.IsWritable, hazard);
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
        PercpuRef reference = memory.Reference;
        if (Length == 0)
            return TryPinNothing(memory, out pin);
        if (PercpuRef.TryGetLiveHere(thread, reference, reference.Counted, out long* hazard))
        {
            pin = new MappedPin(reference, memory.Address + Offset, Length, memory.IsWritable, hazard);
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

    // A pin of no bytes holds nothing, but it is not given either once the memory was disposed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryPinNothing(MappedMemory memory, out MappedPin pin)
    {
        pin = default;
        if (!memory.Reference.TryGetLive())
            return false;
        memory.Reference.Put();
        pin = new MappedPin(memory.Reference, memory.Address + Offset, Length, memory.IsWritable, hazard: null);
        return true;
    }

    private MappedMemory Checked() => Memory ?? throw new InvalidOperationException("The view is the default value: it shows no memory.");
}
