using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Buffers;

// What an engine's own input stream is made of: reads that tell the end from the disposal, many bytes at once, byte orders.
// Each is an access, as in Values, with the same order of loads.
public abstract unsafe partial class MappedMemory
{
    /// <summary>Whether it was disposed; pins may still keep it mapped.</summary>
    /// <remarks>False may be out of date at once: only a pin keeps the bytes. One load.</remarks>
    public bool IsDisposed => _reference.IsDying;

    /// <summary>Pins, reads a value if it lies wholly inside, unpins: the end of the memory is an answer, not an exception.</summary>
    /// <param name="offset">Its first byte; need not be aligned. Any number.</param>
    /// <param name="value">The value; the default when false.</param>
    /// <returns>False when it does not lie wholly inside the memory.</returns>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead<T>(long offset, out T value) where T : unmanaged
    {
        RefWords* words = _words; // In the order of Read.
        long hazards = PerThread.Hazards;
        if (!Bounds.Holds(offset, sizeof(T), Atomic.LoadAcquire(&words->Limit)) || hazards == 0)
            return TryReadSlow(offset, null, out value);
        if (!Hazard.TryAnnounce(Hazard.OfAccess(hazards), (long*)words))
            return TryReadSlow(offset, Hazard.OfAccess(hazards), out value);
        value = Unsafe.ReadUnaligned<T>(_address + offset);
        if (!Hazard.TryWithdraw(Hazard.OfAccess(hazards), (long*)words))
            PercpuRef.SettleLate(_reference);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Pins, copies bytes out if they lie wholly inside, unpins.</summary>
    /// <param name="offset">First byte. Any number.</param>
    /// <param name="destination">Where to. Left as it is when false.</param>
    /// <returns>False when not all of them lie inside the memory.</returns>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public bool TryReadBytes(long offset, Span<byte> destination)
    {
        RefWords* words = _words; // In the order of Read.
        long hazards = PerThread.Hazards;
        if (hazards == 0 || !Inside(offset, destination.Length, Atomic.LoadAcquire(&words->Limit)))
            return TryReadBytesSlow(offset, destination, null);
        if (!Hazard.TryAnnounce(Hazard.OfAccess(hazards), (long*)words))
            return TryReadBytesSlow(offset, destination, Hazard.OfAccess(hazards));
        Copy(offset, destination);
        if (!Hazard.TryWithdraw(Hazard.OfAccess(hazards), (long*)words))
            PercpuRef.SettleLate(_reference);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Pins, copies bytes out, unpins.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where to; its length says how many.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory: nothing was copied.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public void ReadBytes(long offset, Span<byte> destination)
    {
        if (!TryReadBytes(offset, destination))
            Bounds.Throw(offset, destination.Length, Length);
    }

    /// <summary>Pins, reads a number stored with its lowest byte first, on any machine, unpins.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadLittleEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T> => ByteOrder.Little(Read<T>(offset));

    /// <summary>Pins, reads a number stored with its highest byte first, on any machine, unpins.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadBigEndian<T>(long offset) where T : unmanaged, IBinaryNumber<T> => ByteOrder.Big(Read<T>(offset));

    /// <summary>Pins, stores a number with its lowest byte first, on any machine, unpins.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteLittleEndian<T>(long offset, T value) where T : unmanaged, IBinaryNumber<T> => Write(offset, ByteOrder.Little(value));

    /// <summary>Pins, stores a number with its highest byte first, on any machine, unpins.</summary>
    /// <param name="offset">Its first byte; need not be aligned.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not wholly inside the memory.</exception>
    /// <exception cref="InvalidOperationException">The memory is for reading only.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBigEndian<T>(long offset, T value) where T : unmanaged, IBinaryNumber<T> => Write(offset, ByteOrder.Big(value));

    /// <summary>Reads for a caller whose held pin was seen held; also when the memory was disposed since.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal T ReadHeld<T>(long offset) where T : unmanaged
    {
        RefWords* words = _words; // In the order of Read.
        long hazards = PerThread.Hazards;
        if (!Bounds.Holds(offset, sizeof(T), Atomic.LoadAcquire(&words->Limit)) || hazards == 0)
            return ReadHeldSlow<T>(offset, null);
        if (!Hazard.TryAnnounce(Hazard.OfAccess(hazards), (long*)words))
            return ReadHeldSlow<T>(offset, Hazard.OfAccess(hazards));
        T value = Unsafe.ReadUnaligned<T>(_address + offset);
        if (!Hazard.TryWithdraw(Hazard.OfAccess(hazards), (long*)words))
            return EndReadSlow(value);
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>Copies bytes out for a caller whose held pin was seen held; also when the memory was disposed since.</summary>
    internal void ReadBytesHeld(long offset, Span<byte> destination)
    {
        Bounds.Check(offset, destination.Length, Length);
        RefWords* words = _words;
        long hazards = PerThread.Hazards;
        long* hazard = hazards == 0 ? null : Hazard.OfAccess(hazards);
        if (hazard == null || Atomic.LoadAcquire(&words->Limit) == 0 || !Hazard.TryAnnounce(hazard, (long*)words))
        {
            PinHeld(hazard);
            Copy(offset, destination);
            _reference.Put();
            return;
        }
        Copy(offset, destination);
        if (!Hazard.TryWithdraw(hazard, (long*)words))
            PercpuRef.SettleLate(_reference);
        GC.KeepAlive(this);
    }

    /// <summary>Another held pin for a caller that holds one; also when the memory was disposed.</summary>
    internal HeldPin HoldHeld()
    {
        PinHeld(null);
        return HoldCounted();
    }

    private static bool Inside(long offset, int length, long total) => (ulong)offset <= (ulong)total && length <= total - offset;

    private void Copy(long offset, Span<byte> destination) =>
        MemoryMarshal.CreateReadOnlySpan(ref _address[offset], destination.Length).CopyTo(destination);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadSlow<T>(long offset, long* late, out T value) where T : unmanaged
    {
        PinSlow(late); // First: once it was disposed it has no end.
        bool inside = Bounds.Holds(offset, sizeof(T), Length);
        value = inside ? Unsafe.ReadUnaligned<T>(_address + offset) : default;
        _reference.Put();
        return inside;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadBytesSlow(long offset, Span<byte> destination, long* late)
    {
        PinSlow(late);
        bool inside = Inside(offset, destination.Length, Length);
        if (inside)
            Copy(offset, destination);
        _reference.Put();
        return inside;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T ReadHeldSlow<T>(long offset, long* late) where T : unmanaged
    {
        if (late == null)
            Bounds.CheckValue(offset, sizeof(T), Length);
        PinHeld(late);
        T value = Unsafe.ReadUnaligned<T>(_address + offset);
        _reference.Put();
        return value;
    }

    /// <summary>A counted pin, although the memory may be dying: the caller's held pin keeps the count above zero, unless that pin is
    /// just being released. An announcement that came too late, if there is one, is withdrawn.</summary>
    private void PinHeld(long* late)
    {
        if (late != null)
        {
            Atomic.StoreRelease(late, 0);
            PercpuRef.SettleLate(_reference);
        }
        if (!_reference.TryGet())
            ThrowDisposed();
    }
}
