using System.IO.MemoryMappedFiles;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class MappedPinTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Fact]
    public void I60_a_batch_kill_releases_what_nobody_pins_and_nothing_that_somebody_pins()
    {
        // Pins of memory are announced, and references of their own are counted: the batch has both kinds, held and not.
        NativeSlab[] slabs = [.. Enumerable.Range(0, 6).Select(_ => NativeSlab.Allocate(4096))];
        PercpuRef free = new(), held = new();
        held.Get();
        MappedPin first = slabs[1].Pin(), second = slabs[4].Pin();
        Worker.Run(() => PercpuRef.KillAll([free, slabs[0].Reference, slabs[1].Reference, held, slabs[2].Reference, slabs[3].Reference, slabs[4].Reference, slabs[5].Reference]));
        Assert.Equal([true, false, true, true, false, true], slabs.Select(slab => slab.Reference.IsZero));
        Assert.True(free.IsZero);
        Assert.False(held.IsZero);
        first.Span.Fill(1);
        first.Dispose();
        Assert.True(slabs[1].Reference.IsZero);
        Assert.False(slabs[4].Reference.IsZero);
        second.Span.Fill(1);
        second.Dispose();
        Assert.True(slabs[4].Reference.IsZero);
        held.Put();
        Assert.True(held.IsZero);
    }

    [Fact]
    public void I62_disposing_a_pin_twice_unpins_once()
    {
        MappedFile file = MappedFile.Open(_folder.WithBytes("file", 10));
        MappedPin other = file.Pin();
        MappedPin pin = file.Pin();
        pin.Dispose();
        pin.Dispose();
        using (MappedPin scoped = file.Pin())
            scoped.Dispose(); // And once more at the end of the scope.
        file.Dispose();

        Assert.False(file.Released.IsCompleted);
        other.Dispose();
        Assert.True(file.Released.IsCompletedSuccessfully);
    }

    [Fact]
    public void I60_a_disposed_pin_gives_no_bytes()
    {
        using MappedFile file = MappedFile.Open(_folder.WithBytes("file", 10));
        MappedPin pin = file.Pin();
        pin.Dispose();

        Assert.Equal(0, pin.Length);
        Assert.True(pin.ReadOnlySpan.IsEmpty);
        Assert.True(IsOutside(pin, 0, 1));
        Assert.True(IsOutside(pin, 1, 0));
        string? refusal = null;
        try
        {
            _ = pin.Span.Length;
        }
        catch (InvalidOperationException exception)
        {
            refusal = exception.Message;
        }
        Assert.Contains("or is disposed", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void I60_a_pin_that_was_not_taken_gives_no_bytes()
    {
        MappedPin none = default;
        Assert.True(none.ReadOnlySpan.IsEmpty);
        Assert.True(IsOutside(none, 0, 1));
        Assert.Throws<InvalidOperationException>(() => default(MappedPin).Span.Length);
    }

    [Theory]
    [InlineData(0, 10, true)]
    [InlineData(0, 0, true)]
    [InlineData(10, 0, true)]
    [InlineData(9, 1, true)]
    [InlineData(9, 2, false)]
    [InlineData(10, 1, false)]
    [InlineData(11, 0, false)]
    [InlineData(-1, 1, false)]
    [InlineData(0, -1, false)]
    [InlineData(0, 11, false)]
    [InlineData(5, int.MaxValue, false)]
    [InlineData(long.MaxValue, int.MaxValue, false)]
    [InlineData(long.MinValue, 1, false)]
    public void I60_a_slice_lies_inside_the_file(long offset, int length, bool inside)
    {
        using MappedFile file = MappedFile.Open(_folder.WithBytes("file", 10));
        using MappedPin pin = file.Pin();

        Assert.Equal(!inside, IsOutside(pin, offset, length));
        if (!inside)
            return;
        Assert.Equal(pin.ReadOnlySpan.Slice((int)offset, length).ToArray(), pin.Slice(offset, length).ToArray());
        Assert.Equal(length, pin.ReadOnlySlice(offset, length).Length);
    }

    [Fact]
    public void A_length_in_the_options_maps_that_much()
    {
        using MappedFile file = MappedFile.Open(_folder.WithBytes("file", 10_000), new MappedFileOptions { Length = 100 });
        using MappedPin pin = file.Pin();

        Assert.Equal(100, file.Length);
        Assert.Equal(100, pin.Span.Length);
        Assert.True(IsOutside(pin, 100, 1));
    }

    [Fact]
    public void Reading_only_refuses_the_writable_forms()
    {
        string path = _folder.WithBytes("file", 10);
        using MappedFile file = MappedFile.Open(path, new MappedFileOptions { Access = MemoryMappedFileAccess.Read });
        using (MappedPin pin = file.Pin())
        {
            Assert.Equal(4, pin.ReadOnlySpan[4]);
            Assert.Equal(4, pin.ReadOnlySlice(4, 1)[0]);
        }
        Assert.Throws<InvalidOperationException>(() => file.Pin().Span.Length);
        Assert.Throws<InvalidOperationException>(() => file.Pin().Slice(0, 1).Length);
        file.Flush();
        file.Reference.PutMany(2); // The two pins above.
    }

    [Fact]
    public void Copy_on_write_keeps_changes_in_this_mapping()
    {
        string path = _folder.WithBytes("file", 10);
        using MappedFile file = MappedFile.Open(path, new MappedFileOptions { Access = MemoryMappedFileAccess.CopyOnWrite });
        using MappedPin pin = file.Pin();
        pin.Span[0] = 99;
        file.Flush();

        Assert.Equal(99, pin.ReadOnlySpan[0]);
        Assert.Equal(0, File.ReadAllBytes(path)[0]);
    }

    [Fact]
    public void Writes_are_seen_by_a_plain_stream_after_Flush_and_its_writes_by_the_pin()
    {
        string path = _folder.At("file");
        using MappedFile file = MappedFile.Create(path, 10_000);
        using MappedPin pin = file.Pin();
        pin.Span.Fill(5);
        file.Flush();
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        byte[] bytes = new byte[10_000];
        stream.ReadExactly(bytes);
        Assert.All(bytes, value => Assert.Equal(5, value));

        stream.Position = 9_000;
        stream.WriteByte(6);
        Assert.Equal(6, pin.ReadOnlySpan[9_000]);
    }

    [Fact]
    public void I24_pinning_allocates_nothing()
    {
        using MappedFile file = MappedFile.Open(_folder.WithBytes("file", 10));
        PinOften(file); // What is loaded and compiled on the way is allocated on this thread, too.
        long before = GC.GetAllocatedBytesForCurrentThread();
        int sum = PinOften(file);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(7500, sum);

        static int PinOften(MappedFile file)
        {
            int sum = 0;
            for (int i = 0; i < 1000; i++)
            {
                using MappedPin pin = file.Pin();
                sum += pin.Span[i % 10] + pin.Slice(3, 1)[0];
            }
            return sum;
        }
    }

    private static bool IsOutside(MappedPin pin, long offset, int length)
    {
        bool outside = false;
        try
        {
            _ = pin.ReadOnlySlice(offset, length);
        }
        catch (ArgumentOutOfRangeException)
        {
            outside = true;
        }
        try
        {
            _ = pin.Slice(offset, length);
            Assert.False(outside);
        }
        catch (ArgumentOutOfRangeException)
        {
            Assert.True(outside);
        }
        catch (InvalidOperationException)
        {
        }
        return outside;
    }
}
