using System.Diagnostics;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A place that holds the current map: readers pin whatever stands there, a writer puts another map in its place at
/// any time, and the map that was replaced is unmapped when its last reader leaves it.
/// </summary>
/// <remarks>Thread-safety: every member may be called from any thread at any time.</remarks>
/// <typeparam name="T">What kind of memory.</typeparam>
[DebuggerDisplay("{_current}")]
public sealed unsafe class MappedCell<T> : IDisposable, IAsyncDisposable where T : MappedMemory
{
    private T? _current;

    /// <summary>Creates a cell around a first map, which belongs to the cell from then on.</summary>
    /// <param name="first">The map.</param>
    /// <exception cref="ArgumentNullException"><paramref name="first"/> is null.</exception>
    public MappedCell(T first)
    {
        ArgumentNullException.ThrowIfNull(first);
        Atomic.ExchangeReference(ref _current, first);
    }

    /// <summary>The map that stands there now; null once disposed. It may be replaced and disposed at any time.</summary>
    public T? Current => Atomic.LoadReference(ref _current);

    /// <summary>Pins the current map.</summary>
    /// <param name="pin">The pin; disposing it unpins.</param>
    /// <returns>False once the cell was disposed, or somebody disposed of its current map.</returns>
    /// <remarks>Never blocks. Looks again as long as the map it finds has just been replaced.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(out MappedPin pin)
    {
        long hazards = PerThread.Hazards; // Before the first branch, as in MappedMemory.
        T? current = Atomic.LoadReference(ref _current);
        if (current is not null && current.TryBeginPin(current.Counted, hazards, out long* hazard))
        {
            pin = new MappedPin(current, current.Address, current.Length, hazard);
            return true;
        }
        T? next = PinNext(current);
        pin = next is null ? default : new MappedPin(next, next.Address, next.Length, next.Counted);
        return next is not null;
    }

    /// <summary>Pins the current map.</summary>
    /// <exception cref="ObjectDisposedException">The cell was disposed, or somebody disposed of its current map.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MappedPin Pin()
    {
        if (!TryPin(out MappedPin pin))
            ThrowDisposed();
        return pin;
    }

    /// <summary><see cref="TryPin(out MappedPin)"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="pin">The pin; disposing it unpins.</param>
    /// <returns>False once the cell was disposed, or somebody disposed of its current map.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPin(PercpuThread thread, out MappedPin pin)
    {
        T? current = Atomic.LoadReference(ref _current);
        if (current is not null && current.TryBeginPin(current.Counted, thread.Hazards, out long* hazard))
        {
            pin = new MappedPin(current, current.Address, current.Length, hazard);
            return true;
        }
        T? next = PinNext(current);
        pin = next is null ? default : new MappedPin(next, next.Address, next.Length, next.Counted);
        return next is not null;
    }

    /// <summary><see cref="Pin()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="ObjectDisposedException">The cell was disposed, or somebody disposed of its current map.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MappedPin Pin(PercpuThread thread)
    {
        if (!TryPin(thread, out MappedPin pin))
            ThrowDisposed();
        return pin;
    }

    /// <summary>Puts another map into the cell and disposes of the one before, which stays mapped under its readers.</summary>
    /// <param name="next">The map; it belongs to the cell from then on.</param>
    /// <returns>The map that was replaced, disposed; await its <see cref="MappedMemory.Released"/> to see it unmapped.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="next"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="next"/> stands there already.</exception>
    /// <exception cref="ObjectDisposedException">The cell was disposed: <paramref name="next"/> still belongs to the caller.</exception>
    /// <remarks>Whoever makes the next map from the current one, as by growing it, takes <see cref="TrySwap"/>, so that no other
    /// writer's map is lost.</remarks>
    public T Swap(T next)
    {
        while (true)
        {
            T? current = Atomic.LoadReference(ref _current);
            if (current is null)
                ThrowDisposed();
            if (TrySwap(current, next))
                return current;
        }
    }

    /// <summary>Puts another map into the cell and disposes of the one before, but only if that is a certain one: nobody has
    /// swapped since the caller looked at <see cref="Current"/>.</summary>
    /// <param name="expected">The map that should stand there.</param>
    /// <param name="next">The map; when the call succeeds, it belongs to the cell from then on.</param>
    /// <returns>False when another map stands there, or the cell was disposed: then nothing has changed, and
    /// <paramref name="next"/> still belongs to the caller.</returns>
    /// <exception cref="ArgumentNullException">A null argument.</exception>
    /// <exception cref="ArgumentException">Both are the same map.</exception>
    /// <remarks>Never waits. A compare-and-swap.</remarks>
    public bool TrySwap(T expected, T next)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(next);
        if (ReferenceEquals(expected, next))
            throw new ArgumentException("The map stands in the cell already.", nameof(next));
        // ORDER(cell-1) compare-exchange, a full fence, before the old map is disposed. Pairs with ORDER(cell-2): whom a
        // map refuses finds another one in the cell.
        if (!ReferenceEquals(Atomic.CompareExchangeReference(ref _current, next, expected), expected))
            return false;
        expected.Dispose();
        return true;
    }

    /// <summary>Empties the cell and disposes of its map. Never waits. May be called twice.</summary>
    public void Dispose() => Atomic.ExchangeReference(ref _current, null)?.Dispose();

    /// <summary>Empties the cell, disposes of its map, and completes when that has been unmapped.</summary>
    public ValueTask DisposeAsync() => Atomic.ExchangeReference(ref _current, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Takes a counted pin of a map that came after one that refused. Returns the map; null where there is none.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private T? PinNext(T? refused)
    {
        // ORDER(cell-2) behind the acquire load that refused. Pairs with ORDER(cell-1).
        T? current = Atomic.LoadReference(ref _current);
        while (current is not null && !ReferenceEquals(current, refused))
        {
            if (current.Reference.TryGetLive())
                return current;
            refused = current;
            current = Atomic.LoadReference(ref _current);
        }
        return null;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowDisposed() => throw new ObjectDisposedException(nameof(MappedCell<>), "The cell was disposed, or somebody disposed of the map in it, which belongs to the cell.");
}
