using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

public sealed class MappedMemoryTests
{
    [Fact]
    public void A_slab_is_zeroed_writable_and_of_the_length_asked()
    {
        using var slab = NativeSlab.Allocate(100_001);
        using MappedPin pin = slab.Pin();
        Assert.Equal(100_001, slab.Length);
        Assert.Equal(-1, pin.Span.IndexOfAnyExcept((byte)0));
        pin.Span.Fill(1);
    }

    [Fact]
    public void I63_a_slab_that_cannot_be_had_is_refused_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NativeSlab.Allocate(0));
        Assert.Throws<InsufficientMemoryException>(() => NativeSlab.Allocate(long.MaxValue));
    }

    [Fact]
    public async Task I61_a_slab_disposed_under_a_pin_is_unmapped_at_the_unpin()
    {
        var slab = NativeSlab.Allocate(4096);
        Dispose(slab);
        await slab.Released.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(slab.TryPin(out _));
        Assert.Throws<ObjectDisposedException>(() => { slab.Pin(); });

        static void Dispose(NativeSlab slab)
        {
            using MappedPin pin = slab.Pin();
            slab.Dispose();
            slab.Dispose();
            pin.Span[4095] = 1;
            Assert.False(slab.Released.IsCompleted);
        }
    }

    [Fact]
    public void A_view_shows_its_part_and_pins_the_whole()
    {
        using var scratch = new ScratchFile(1000);
        using var file = MappedFile.Open(scratch.Location);
        MappedView view = file.View(100, 50).View(10, 20);

        Assert.Equal((110, 20), (view.Offset, view.Length));
        using (MappedPin pin = view.Pin())
        {
            file.Dispose();
            Assert.Equal(20, pin.Length);
            Assert.Equal(110, pin.ReadByte(0));
            Assert.Equal(129, pin.Span[19]);
            Assert.False(file.Reference.IsZero);
        }
        Assert.True(file.Reference.IsZero);
        Assert.False(view.TryPin(out _));
        Assert.Throws<ObjectDisposedException>(() => { view.Pin(); });
        Assert.Throws<ArgumentOutOfRangeException>(() => view.View(0, 21));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.View(1001, 0));
        Assert.Throws<InvalidOperationException>(() => { default(MappedView).TryPin(out _); });
        Assert.Equal(0, file.View(1000, 0).Length);
    }

    [Theory]
    [InlineData(MemoryAdvice.Normal)]
    [InlineData(MemoryAdvice.Random)]
    [InlineData(MemoryAdvice.Sequential)]
    [InlineData(MemoryAdvice.WillNeed)]
    public void Advice_is_taken_on_Linux_and_changes_no_byte(MemoryAdvice advice)
    {
        using var scratch = new ScratchFile(100_000);
        using var file = MappedFile.Open(scratch.Location);
        bool taken = file.Advise(advice, 5000, 60_000);
        Assert.True(taken || !OperatingSystem.IsLinux());
        Assert.True(file.Advise(advice, 100_000, 0));
        Assert.Equal(file.Prefetch(0, 1), OperatingSystem.IsLinux() || file.Prefetch(0, 1));
        using MappedPin pin = file.Pin();
        Assert.Equal(5000 % 251, pin.ReadByte(5000));
    }

    [Fact]
    public void Advice_with_wrong_arguments_or_after_disposal_throws()
    {
        using var slab = NativeSlab.Allocate(1 << 22);
        slab.Advise(MemoryAdvice.HugePages); // True or false: depends on how the system is configured.
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Advise((MemoryAdvice)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Advise(MemoryAdvice.Random, 1, 1 << 22));
        slab.Dispose();
        Assert.Throws<ObjectDisposedException>(() => slab.Advise(MemoryAdvice.Random));
    }

    [Fact]
    public void A_flushed_range_reaches_the_file()
    {
        using var scratch = new ScratchFile(20_000);
        using var file = MappedFile.Open(scratch.Location);
        using (MappedPin pin = file.Pin())
            pin.Slice(9000, 100).Fill(255);
        file.Flush(9000, 100);
        file.Flush(20_000, 0);
        file.Flush();
        Assert.Equal(255, File.ReadAllBytes(scratch.Location)[9099]);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Flush(9000, 20_000));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Flush(0, 1));
    }

    [Fact]
    public void Copy_on_write_keeps_writes_from_the_file()
    {
        using var scratch = new ScratchFile(100);
        using var file = MappedFile.Open(scratch.Location, new MappedFileOptions { Access = MemoryMappedFileAccess.CopyOnWrite });
        using (MappedPin pin = file.Pin())
        {
            pin.Span.Clear();
            Assert.Equal(0, pin.ReadByte(5));
        }
        file.Flush();
        Assert.Equal(5, File.ReadAllBytes(scratch.Location)[5]);
        Assert.Throws<InvalidOperationException>(() => file.Grow(200));
    }
}
