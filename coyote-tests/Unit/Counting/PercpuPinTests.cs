using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>A reference that a stack frame holds: <c>using PercpuPin pin = reference.Pin();</c>.</summary>
public sealed class PercpuPinTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I62_a_pin_holds_until_it_is_disposed_and_puts_once(bool atomic)
    {
        int released = 0;
        var reference = new PercpuRef(_ => released++, atomic ? PercpuRefOptions.InitAtomic : PercpuRefOptions.None);
        PercpuPin pin = reference.Pin(), withThread = reference.Pin(PercpuThread.Current), withNone = reference.Pin(default);
        Assert.True(pin.IsHeld && withThread.IsHeld && withNone.IsHeld);
        Assert.Equal(4, reference.ApproximateCount);
        Assert.False(pin.IsDying);
        reference.Kill();
        Assert.True(pin.IsDying);
        pin.Dispose();
        pin.Dispose();
        Assert.False(pin.IsHeld || pin.IsDying);
        withThread.Dispose();
        Assert.Equal(0, released);
        withNone.Dispose();
        Assert.Equal(1, released);
    }

    [Fact]
    public void I62_an_exception_in_the_frame_leaves_nothing_held()
    {
        var reference = new PercpuRef();
        Assert.Throws<FormatException>(Fail);
        Assert.Throws<FormatException>(FailWithThread);
        Assert.Equal(1, reference.ApproximateCount);

        void Fail()
        {
            using PercpuPin pin = reference.Pin();
            throw new FormatException();
        }

        void FailWithThread()
        {
            using PercpuPin pin = reference.Pin(PercpuThread.Current);
            throw new FormatException();
        }
    }

    [Fact]
    public void A_killed_reference_refuses_a_pin_also_while_it_is_held()
    {
        var reference = new PercpuRef();
        reference.Get();
        reference.Kill();
        Assert.False(reference.TryPin(out PercpuPin pin));
        Assert.False(pin.IsHeld);
        pin.Dispose(); // Harmless.
        Assert.False(reference.TryPin(PercpuThread.Current, out pin));
        pin.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reference.Pin());
        Assert.Throws<ObjectDisposedException>(() => reference.Pin(PercpuThread.Current));
        Assert.Equal(1, reference.ApproximateCount);
        reference.Put();
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void A_pin_over_a_switch_to_atomic_and_back_balances()
    {
        var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
        using (reference.Pin())
        {
            reference.SwitchToAtomic();
            using (reference.Pin())
                reference.SwitchToPercpu();
        }
        Assert.Equal(1, reference.ApproximateCount);
    }

    [Fact]
    public void The_callback_runs_in_the_dispose_of_the_last_pin_and_its_exception_reaches_it()
    {
        var reference = new PercpuRef(_ => throw new FormatException());
        PercpuPin pin = reference.Pin();
        reference.Kill();
        bool thrown = false;
        try
        {
            pin.Dispose();
        }
        catch (FormatException)
        {
            thrown = true;
        }
        Assert.True(thrown);
        pin.Dispose();
        Assert.True(reference.IsZero);
    }

    [Theory]
    [InlineData("class Holder { PercpuPin pin; }", "CS8345")]
    [InlineData("class Holder { object Box(PercpuRef reference) => reference.Pin(); }", "CS0029")]
    [InlineData("class Holder { async Task Carry(PercpuRef reference) { using PercpuPin pin = reference.Pin(); await Task.Yield(); } }", "CS4007")]
    public void I62_storing_a_pin_is_a_compile_error(string type, string error) => Assert.Contains(error, Snippets.ErrorsInFile(type));

    [Fact]
    public void I24_nothing_is_allocated()
    {
        var reference = new PercpuRef();
        Use(reference);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Use(reference);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Use(PercpuRef reference)
        {
            using PercpuPin pin = reference.Pin(), other = reference.Pin(PercpuThread.Current);
        }
    }
}
