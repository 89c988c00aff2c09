using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

public sealed class GrowingTests
{
    [Fact]
    public void I60_readers_of_the_old_map_read_on_while_the_file_grows()
    {
        using var scratch = new ScratchFile(5000);
        using var cell = new MappedCell<MappedFile>(MappedFile.Open(scratch.Location));
        MappedFile old = cell.Current!;
        using (MappedPin before = cell.Pin())
        {
            Assert.Same(old, cell.Swap(old.Grow(100_000)));
            using MappedPin after = cell.Pin();
            Assert.Equal((5000, 100_000), (before.Length, after.Length));
            Assert.Equal(4999 % 251, before.ReadByte(4999));
            Assert.Equal(4999 % 251, after.ReadByte(4999));
            Assert.Equal(0, after.ReadByte(99_999));
            before.WriteByte(7, 77);
            Assert.Equal(77, after.ReadByte(7));
            Assert.False(old.Reference.IsZero);
        }
        Assert.True(old.Reference.IsZero);
        Assert.Equal(100_000, new FileInfo(scratch.Location).Length);
        Assert.True(scratch.Maps <= 1);
        cell.Dispose();
        Assert.Equal(0, scratch.Maps);
        Assert.False(cell.TryPin(out _));
    }

    [Fact]
    public void A_file_that_was_renamed_grows_all_the_same()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var scratch = new ScratchFile(10);
        using var file = MappedFile.Open(scratch.Location);
        File.Delete(scratch.Location);
        using MappedFile longer = file.Grow(20);
        using MappedPin pin = longer.Pin();
        Assert.Equal(9, pin.ReadByte(9));
    }

    [Fact]
    public void A_map_for_reading_follows_a_file_that_others_made_longer()
    {
        using var scratch = new ScratchFile(10);
        using var writer = MappedFile.Open(scratch.Location);
        using var reader = MappedFile.Open(scratch.Location, new MappedFileOptions { Access = MemoryMappedFileAccess.Read });
        Assert.Throws<EndOfStreamException>(() => reader.Grow(20));
        writer.Grow(20).Dispose();
        using MappedFile longer = reader.Grow(20);
        Assert.Equal(20, longer.Length);
        Assert.False(longer.IsWritable);
    }

    [Fact]
    public void I63_growing_refuses_bad_lengths_and_leaks_nothing()
    {
        using var scratch = new ScratchFile(10);
        using var file = MappedFile.Open(scratch.Location);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Grow(10));
        Assert.ThrowsAny<Exception>(() => file.Grow(long.MaxValue)); // As the file system says: IOException or no address space.
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Grow(20));
        Assert.Equal(0, scratch.Maps);
    }

    [Fact]
    public async Task Growing_at_once_from_many_threads_never_cuts_the_file()
    {
        using var scratch = new ScratchFile(10);
        using var file = MappedFile.Open(scratch.Location);
        var grown = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => file.Grow(i * 10_000))));
        Assert.Equal(80_000, new FileInfo(scratch.Location).Length);
        foreach (MappedFile each in grown)
        {
            using (MappedPin pin = each.Pin())
                Assert.Equal(0, pin.ReadByte(each.Length - 1));
            each.Dispose();
        }
    }

    [Fact]
    public void A_cell_refuses_what_it_cannot_do_and_leaves_the_map_to_the_caller()
    {
        using var cell = new MappedCell<NativeSlab>(NativeSlab.Allocate(1));
        Assert.Throws<ArgumentNullException>(() => new MappedCell<NativeSlab>(null!));
        Assert.Throws<ArgumentNullException>(() => cell.Swap(null!));
        Assert.Throws<ArgumentException>(() => cell.Swap(cell.Current!));
        cell.Dispose();
        cell.Dispose();
        using var orphan = NativeSlab.Allocate(1);
        Assert.Throws<ObjectDisposedException>(() => cell.Swap(orphan));
        Assert.True(orphan.TryPin(out MappedPin pin));
        pin.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { cell.Pin(); });
    }

    [Fact]
    public void A_cell_whose_map_somebody_disposed_says_so()
    {
        using var cell = new MappedCell<NativeSlab>(NativeSlab.Allocate(1));
        cell.Current!.Dispose();
        Assert.False(cell.TryPin(out _));
        cell.Swap(NativeSlab.Allocate(1));
        Assert.True(cell.TryPin(out MappedPin pin));
        pin.Dispose();
    }
}
