using System.Diagnostics;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// Memory that readers pin for the price of about a nanosecond, and that may be disposed at any time: it is unmapped at
/// the last unpin, so no reader ever touches unmapped memory. A <see cref="MappedFile"/> or a <see cref="NativeSlab"/>.
/// </summary>
/// <remarks>Thread-safety: every member may be called from any thread at any time.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public abstract unsafe partial class MappedMemory : IDisposable, IAsyncDisposable
{
    private readonly byte* _address;
    private readonly bool _isWritable;
    private readonly PercpuRef _reference;
    private readonly RefWords* _words; // Those of the reference: an access has one load less.
    private readonly MappedLife _life;
    private MappedChunks? _chunks;

    // The callback must not hold this object: dropped memory is finalized although its reference still holds the callback.
    private protected MappedMemory(byte* address, long length, bool isWritable, Action<PercpuRef> unmap)
    {
        _address = address;
        _isWritable = isWritable;
        Length = length;
        _life = new MappedLife(unmap, length);
        _reference = new PercpuRef(_life.End, PercpuRefOptions.None, announced: true);
        _words = _reference.Words;
        _reference.AllowAccesses(length);
        _life.Begin();
    }

    /// <summary>Reports memory that was dropped without dispose, and disposes it; pins that are held keep it mapped.</summary>
    ~MappedMemory()
    {
        if (_reference is null)
            return; // The constructor failed, and its caller has unmapped.
        if (!_reference.IsDying)
            ReportDrop();
        try
        {
            _reference.Dispose();
        }
        catch (Exception)
        {
            // The unmapping's, which was reported. Here it would end the process.
        }
    }

    /// <summary>Bytes that this process has mapped through the library, all memory together, also what is disposed but
    /// still pinned.</summary>
    public static long TotalMappedBytes => MappedTotals.Mapped;

    /// <summary>The mapped length in bytes; 0 only of an empty file.</summary>
    public long Length { get; }

    /// <summary>Whether the memory may be written (to the file, or to a private copy).</summary>
    public bool IsWritable => _isWritable;

    /// <summary>The count of the pins. Killing it is the same as disposing the memory; <see cref="PercpuRef.WaitForRelease"/>
    /// blocks until it is unmapped.</summary>
    public PercpuRef Reference => _reference;

    /// <summary>Completes when the memory has been unmapped.</summary>
    public Task Released => _reference.Released;

    /// <summary>What it is, for messages: a kind, and the file's path or the slab's size.</summary>
    private protected abstract string Description { get; }

    /// <summary>Writes the event that it was dropped without dispose.</summary>
    private protected abstract void ReportDrop();

    /// <summary>Pins the memory: its bytes stay mapped until the pin is disposed.</summary>
    /// <param name="pin">The pin; disposing it unpins. Not to be disposed when the call returns false (harmless).</param>
    /// <returns>False once the memory was disposed.</returns>
    /// <remarks>About a nanosecond on any number of threads; never blocks, never allocates but for a thread's first.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(out MappedPin pin)
    {
        if (TryBeginPin(Counted, PerThread.Hazards, out long* hazard))
        {
            pin = new MappedPin(this, _address, Length, hazard);
            return true;
        }
        pin = default;
        return false;
    }

    /// <summary>Pins the memory as <see cref="TryPin(out MappedPin)"/> does.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MappedPin Pin()
    {
        if (!TryPin(out MappedPin pin))
            ThrowDisposed();
        return pin;
    }

    /// <summary>A part of the memory that is pinned like the whole, through the same count.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    public MappedView View(long offset, long length) => new(this, offset, Bounds.Check(offset, length, Length));

    /// <summary>Tells the operating system how a range will be used. Never changes what is read or written.</summary>
    /// <param name="advice">How.</param>
    /// <param name="offset">First byte; the advice is given for whole pages.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <returns>False where this operating system has no such advice or did not take it: nothing happened then. Linux
    /// knows all; huge pages only for anonymous memory and some file systems. macOS and FreeBSD know all but
    /// <see cref="MemoryAdvice.HugePages"/>. Windows knows <see cref="MemoryAdvice.WillNeed"/> only.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory, or an undefined advice.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public bool Advise(MemoryAdvice advice, long offset, long length)
    {
        Bounds.Check(offset, length, Length);
        if (advice is < MemoryAdvice.Normal or > MemoryAdvice.HugePages)
            throw new ArgumentOutOfRangeException(nameof(advice), advice, "Undefined MemoryAdvice.");
        using MappedPin pin = Pin();
        return length == 0 || MemoryAdvisor.Advise(_address + offset, length, advice);
    }

    /// <summary>Tells the operating system how all of the memory will be used; see <see cref="Advise(MemoryAdvice, long, long)"/>.</summary>
    /// <param name="advice">How.</param>
    /// <returns>False where this operating system has no such advice or did not take it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An undefined advice.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public bool Advise(MemoryAdvice advice) => Advise(advice, 0, Length);

    /// <summary>Asks the operating system to read a range ahead of its use, without waiting for it.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; 0 is legal.</param>
    /// <returns>False where this operating system cannot.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public bool Prefetch(long offset, long length) => Advise(MemoryAdvice.WillNeed, offset, length);

    /// <summary>Refuses new pins and unmaps at the last unpin: here, if none is held. Never waits. May be called twice.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _reference.Dispose();
    }

    /// <summary>Disposes, and completes when the memory has been unmapped.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _reference.Dispose();
        return new ValueTask(Released);
    }

    /// <summary>What it is, and its state, as in "mapped file '/data/index', 4096 bytes, disposed but pinned".</summary>
    public override string ToString() => $"{Description}, {Length} bytes, {(_reference.IsZero ? "unmapped" : _reference.IsDying ? "disposed but pinned" : "mapped")}";

    /// <summary>The address, for owners that hold a reference of their own.</summary>
    internal byte* Address => _address;

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal void ThrowDisposed() => throw new ObjectDisposedException(GetType().Name, $"The {Description} was disposed.");
}
