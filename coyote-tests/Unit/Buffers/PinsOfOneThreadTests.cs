using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Pins of stack frames: the first of a thread is announced, those inside it are counted, and nobody can tell.</summary>
public sealed class PinsOfOneThreadTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void I60_pins_inside_each_other_end_in_any_order(bool outerFirst)
    {
        NativeSlab slab = NativeSlab.Allocate(64);
        MappedPin outer = slab.Pin(), inner = slab.Pin();
        Assert.Equal(3, slab.Reference.ApproximateCount);
        slab.Dispose();
        if (outerFirst)
            outer.Dispose();
        else
            inner.Dispose();
        Assert.False(slab.Released.IsCompleted);
        outer.Dispose();
        inner.Dispose();
        Assert.True(slab.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void I60_a_thread_pins_many_memories_at_once()
    {
        NativeSlab one = NativeSlab.Allocate(64), two = NativeSlab.Allocate(64);
        MappedPin ofOne = one.Pin(), ofTwo = two.Pin();
        one.Dispose();
        two.Dispose();
        ofOne.Dispose();
        Assert.True(one.Released.IsCompletedSuccessfully);
        Assert.False(two.Released.IsCompleted);
        ofTwo.WriteByte(63, 5);
        ofTwo.Dispose();
        Assert.True(two.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_copy_of_a_pin_that_is_disposed_does_not_end_another_pin()
    {
        NativeSlab one = NativeSlab.Allocate(64), two = NativeSlab.Allocate(64);
        MappedPin pin = one.Pin();
        MappedPin copy = pin;
        pin.Dispose();
        using (two.Pin())
        {
            copy.Dispose(); // A defect of the caller: one put too many of its own memory.
            two.Dispose();
            Assert.False(two.Released.IsCompleted);
        }
        Assert.True(two.Released.IsCompletedSuccessfully);
        one.Reference.Get(); // Makes up for it.
        one.Dispose();
    }

    [Fact]
    public void I60_a_single_value_is_read_inside_a_pin_and_beside_a_kill()
    {
        NativeSlab slab = NativeSlab.Allocate(64);
        using (MappedPin pin = slab.Pin())
        {
            slab.Write(8, 77L);
            Assert.Equal(77, slab.Read<long>(8));
            slab.Dispose();
            Assert.Throws<ObjectDisposedException>(() => slab.ReadByte(0));
            Assert.Throws<ObjectDisposedException>(() => slab.Write(0, (byte)1));
            Assert.Throws<ArgumentOutOfRangeException>(() => slab.ReadByte(64));
            Assert.Equal(77, pin.Read<long>(8));
            Assert.False(slab.Released.IsCompleted);
        }
        Assert.True(slab.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void I60_memory_whose_count_is_switched_to_atomic_is_read_and_pinned_as_before()
    {
        NativeSlab slab = NativeSlab.Allocate(64);
        using (slab.Pin())
        {
            slab.Reference.SwitchToAtomic();
            slab.Write(0, 5);
            Assert.Equal(5, slab.Read<int>(0));
            using MappedPin inner = slab.Pin();
            Assert.Equal(3, slab.Reference.ApproximateCount);
        }
        Assert.Equal(1, slab.Reference.ApproximateCount);
        slab.Dispose();
        Assert.True(slab.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void I60_a_pin_that_another_thread_holds_keeps_the_memory_until_it_ends()
    {
        NativeSlab slab = NativeSlab.Allocate(64);
        using ManualResetEventSlim pinned = new(), goOn = new();
        var reader = new Thread(() =>
        {
            using MappedPin pin = slab.Pin();
            pinned.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
            pin.WriteByte(0, 1);
        });
        reader.Start();
        pinned.Wait(TestContext.Current.CancellationToken);
        slab.Dispose();
        Assert.False(slab.Released.IsCompleted);
        goOn.Set();
        reader.Join();
        Assert.True(slab.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_pin_that_an_ended_thread_forgot_counts_for_ever()
    {
        NativeSlab slab = NativeSlab.Allocate(64);
        var forgetful = new Thread(() => slab.Pin());
        forgetful.Start();
        forgetful.Join();
        slab.Dispose();
        Assert.False(slab.Released.IsCompleted);
        Assert.Equal(1, slab.Reference.ApproximateCount);
        using NativeSlab other = NativeSlab.Allocate(64);
        var next = new Thread(() => other.Pin().Dispose()); // May have the ended thread's area, in which its pin still stands.
        next.Start();
        next.Join();
        Assert.Equal(1, other.Reference.ApproximateCount);
        slab.Reference.Put(); // Makes up for it.
        Assert.True(slab.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_use_of_a_handle_inside_a_pin_and_around_it()
    {
        using var handle = new CountedHandle();
        NativeSlab slab = NativeSlab.Allocate(64);
        using (handle.Use())
        {
            using MappedPin pin = slab.Pin();
            using HandlePin again = handle.Use();
            slab.Dispose();
            handle.Dispose();
            Assert.Equal(0, handle.Closed);
            Assert.False(slab.Released.IsCompleted);
        }
        Assert.Equal(1, handle.Closed);
        Assert.True(slab.Released.IsCompletedSuccessfully);
    }

    private sealed class CountedHandle : PercpuHandle
    {
        internal CountedHandle()
            : base(0, ownsHandle: true) => SetHandle(1);

        public override bool IsInvalid => false;

        internal int Closed { get; private set; }

        protected override bool ReleaseHandle(nint handle)
        {
            Closed++;
            return true;
        }
    }
}
