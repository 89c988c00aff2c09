using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// The same for a caller that has its thread at hand. Written out beside the others, as in PercpuRef.
public abstract unsafe partial class MappedMemory
{
    /// <summary><see cref="TryPin(out MappedPin)"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="pin">The pin; disposing it unpins. Not to be disposed when the call returns false (harmless).</param>
    /// <returns>False once the memory was disposed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(PercpuThread thread, out MappedPin pin)
    {
        if (TryBeginPin(Counted, thread.Hazards, out long* hazard))
        {
            pin = new MappedPin(this, _address, Length, hazard);
            return true;
        }
        pin = default;
        return false;
    }

    /// <summary><see cref="Pin()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MappedPin Pin(PercpuThread thread)
    {
        if (!TryPin(thread, out MappedPin pin))
            ThrowDisposed();
        return pin;
    }

    /// <summary><see cref="ReadByte(long)"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="offset">Where.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte(PercpuThread thread, long offset) => Read<byte>(thread, offset);

    /// <summary><see cref="Read{T}(long)"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read<T>(PercpuThread thread, long offset) where T : unmanaged
    {
        RefWords* words = _words;
        long hazards = thread.Hazards;
        if (!Bounds.Holds(offset, sizeof(T), Atomic.LoadAcquire(&words->Limit)) || hazards == 0)
            return ReadSlow<T>(offset, null);
        if (!Hazard.TryAnnounce(Hazard.OfAccess(hazards), (long*)words))
            return ReadSlow<T>(offset, Hazard.OfAccess(hazards));
        T value = Unsafe.ReadUnaligned<T>(_address + offset);
        if (!Hazard.TryWithdraw(Hazard.OfAccess(hazards), (long*)words))
            return EndReadSlow(value);
        GC.KeepAlive(this);
        return value;
    }

    /// <summary><see cref="Write{T}(long, T)"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <param name="value">What.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<T>(PercpuThread thread, long offset, T value) where T : unmanaged
    {
        RefWords* words = _words;
        long hazards = thread.Hazards;
        if (!Bounds.Holds(offset, sizeof(T), Atomic.LoadAcquire(&words->Limit)) || !_isWritable || hazards == 0)
        {
            WriteSlow(offset, value, null);
            return;
        }
        if (!Hazard.TryAnnounce(Hazard.OfAccess(hazards), (long*)words))
        {
            WriteSlow(offset, value, Hazard.OfAccess(hazards));
            return;
        }
        Unsafe.WriteUnaligned(_address + offset, value);
        if (!Hazard.TryWithdraw(Hazard.OfAccess(hazards), (long*)words))
            PercpuRef.SettleLate(_reference);
        GC.KeepAlive(this);
    }
}
