using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>What exceptions and events say to whoever gets them at night: the right argument, the value, and what to do.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData(-1L)]
    [InlineData(13L)]
    [InlineData(16L)]
    [InlineData(17L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_value_that_does_not_fit_blames_its_offset(long offset)
    {
        using var slab = NativeSlab.Allocate(16);
        foreach (Action call in (Action[])[() => slab.Read<int>(offset), () => slab.Write(offset, 1), () => Pinned(pin => pin.Read<int>(offset)), () => Pinned(pin => pin.Write(offset, 1))])
        {
            var exception = Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), call);
            Assert.Equal(offset, exception.ActualValue);
            Assert.Contains("16 bytes", exception.Message, StringComparison.Ordinal);
        }
        Assert.Equal(offset == 13, Assert.Throws<ArgumentOutOfRangeException>(() => slab.Read<int>(offset)).Message.Contains("A value of 4 bytes does not fit", StringComparison.Ordinal));

        void Pinned(Pinning body)
        {
            using MappedPin pin = slab.Pin();
            body(pin);
        }
    }

    [Theory]
    [InlineData(17L, 0, "offset")]
    [InlineData(-1L, 1, "offset")]
    [InlineData(8L, 9, "length")]
    [InlineData(8L, -1, "length")]
    public void A_range_blames_what_is_wrong(long offset, int length, string blamed)
    {
        using var slab = NativeSlab.Allocate(16);
        Assert.Throws<ArgumentOutOfRangeException>(blamed, () => slab.View(offset, length));
        using HeldPin pin = slab.Hold();
        var exception = Assert.Throws<ArgumentOutOfRangeException>(blamed, () => pin.Slice(offset, length));
        Assert.Contains(length < 0 ? "negative" : "16 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pin_that_was_not_taken_says_so_and_one_for_reading_names_what_to_use()
    {
        Assert.Contains("not taken", Assert.Throws<InvalidOperationException>(() => default(MappedPin).WriteByte(0, 1)).Message, StringComparison.Ordinal);
        using var scratch = new ScratchFile(0);
        using var empty = MappedFile.Open(scratch.Location, new MappedFileOptions { Access = System.IO.MemoryMappedFiles.MemoryMappedFileAccess.Read });
        Assert.Contains("ReadOnlySpan", Assert.Throws<InvalidOperationException>(() => { using MappedPin pin = empty.Pin(); _ = pin.Span.Length; }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_says_what_it_is()
    {
        using var scratch = new ScratchFile(10);
        var file = MappedFile.Open(scratch.Location);
        var slab = NativeSlab.Allocate(16);
        Assert.Equal($"mapped file '{scratch.Location}', 10 bytes, mapped", file.ToString());
        Assert.Equal("native slab, 16 bytes, mapped", slab.ToString());
        file.Dispose();
        slab.Dispose();
        Assert.Contains($"The mapped file '{scratch.Location}' was disposed.", Assert.Throws<ObjectDisposedException>(() => { file.Pin(); }).Message, StringComparison.Ordinal);
        Assert.Contains("The native slab was disposed.", Assert.Throws<ObjectDisposedException>(() => { slab.Pin(); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void I65_a_dropped_slab_is_reported_as_a_slab()
    {
        using var events = new PercpuEvents();
        const long length = 123_456_789;
        Drop();
        Collector.CollectUntil(() => events.Heard("NativeSlabDropped", payload => payload[0] is length).Count == 1);
        Assert.Empty(events.Heard("MappedFileDropped", payload => ((string)payload[0]!).Contains("slab", StringComparison.Ordinal)));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Drop() => NativeSlab.Allocate(length);
    }

    private delegate void Pinning(MappedPin pin);
}
