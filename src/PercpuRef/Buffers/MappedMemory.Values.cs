using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// Accesses: announced pins for a single value, which replace a view accessor's Read and Write.
public abstract unsafe partial class MappedMemory
{
    /// <summary>Pins, reads a byte, unpins.</summary>
    /// <param name="offset">Where.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    /// <remarks>For many reads hold one <see cref="Pin()"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte(long offset) => Read<byte>(offset);

    /// <summary>Pins, reads a value as it lies in memory, unpins.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read<T>(long offset) where T : unmanaged
    {
        // First a load from this object, which is its null check, then the area, then the first branch: in any other order the
        // JIT does not take the area out of the caller's loop.
        RefWords* words = _words;
        long hazards = PerThread.Hazards;
        if (!Bounds.Holds(offset, sizeof(T), Atomic.LoadAcquire(&words->Limit)) || hazards == 0)
            return ReadSlow<T>(offset, null);
        if (!Hazard.TryAnnounce(Hazard.OfAccess(hazards), (long*)words))
            return ReadSlow<T>(offset, Hazard.OfAccess(hazards));
        // Nothing can throw here, so there is no need for a finally, which would keep locals out of registers.
        T value = Unsafe.ReadUnaligned<T>(_address + offset);
        if (!Hazard.TryWithdraw(Hazard.OfAccess(hazards), (long*)words))
            return EndReadSlow(value);
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>Pins, writes a value as it lies in memory, unpins.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <param name="value">What.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<T>(long offset, T value) where T : unmanaged
    {
        RefWords* words = _words; // In the order of Read.
        long hazards = PerThread.Hazards;
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

    /// <summary>A counted pin for an access that could not be announced. If that came too late, <paramref name="late"/> is its hazard pointer; else null.</summary>
    private void PinSlow(long* late)
    {
        if (!(late == null ? _reference.TryGetLive() : PercpuRef.TryGetLiveLate(_reference, late)))
            ThrowDisposed();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T ReadSlow<T>(long offset, long* late) where T : unmanaged
    {
        Bounds.CheckValue(offset, sizeof(T), Length);
        PinSlow(late);
        T value = Unsafe.ReadUnaligned<T>(_address + offset);
        _reference.Put();
        return value;
    }

    // Given the value and returning it, so that the JIT need not keep it on the stack for a call that hardly ever comes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private T EndReadSlow<T>(T value) where T : unmanaged
    {
        PercpuRef.SettleLate(_reference);
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteSlow<T>(long offset, T value, long* late) where T : unmanaged
    {
        Bounds.CheckValue(offset, sizeof(T), Length);
        if (!_isWritable)
            ThrowReadOnly();
        PinSlow(late);
        Unsafe.WriteUnaligned(_address + offset, value);
        _reference.Put();
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowReadOnly() => throw new InvalidOperationException("The memory was opened for reading only.");
}
