using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Where a pin goes that the map of its cell has refused: to the next one, as long as there is a next one. On threads that are
/// given up after a minute: it looks again and again.</summary>
public sealed class CellPinTests
{
    [Fact]
    public void A_pin_that_was_refused_takes_the_next_map_and_gives_up_at_one_that_refuses_too() => Worker.RunWaiting("an answer of the cell", () =>
    {
        using NativeSlab before = NativeSlab.Allocate(64);
        NativeSlab next = NativeSlab.Allocate(64);
        using var cell = new MappedCell<NativeSlab>(next);
        Assert.Same(next, OfCell<NativeSlab>.PinNext(cell, before));
        Assert.Equal(2, next.Reference.ApproximateCount);
        Assert.Null(OfCell<NativeSlab>.PinNext(cell, next)); // It is the one that has refused.
        Assert.Equal(2, next.Reference.ApproximateCount);
        next.Reference.Put();
        next.Dispose();
        Assert.Null(OfCell<NativeSlab>.PinNext(cell, before)); // Refuses as well, and stands there still.
        NativeSlab last = NativeSlab.Allocate(64);
        cell.Swap(last);
        Assert.Same(last, OfCell<NativeSlab>.PinNext(cell, next));
        last.Reference.Put();
        cell.Dispose();
        Assert.Null(OfCell<NativeSlab>.PinNext(cell, last));
        Assert.Null(OfCell<NativeSlab>.PinNext(cell, before));
        Assert.Null(OfCell<NativeSlab>.PinNext(cell, null));
        Assert.True(last.Reference.IsZero);
    });

    private static class OfCell<T> where T : MappedMemory
    {
        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(PinNext))]
        internal static extern T? PinNext(MappedCell<T> cell, T? refused);
    }
}
