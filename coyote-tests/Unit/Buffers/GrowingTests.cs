using System.ComponentModel;
using System.IO.MemoryMappedFiles;
using Percpu.Buffers;
using Percpu.Unit.Support;

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
            MappedFile grown = cell.Grow(100_000);
            Assert.Same(grown, cell.Current);
            Assert.NotSame(old, grown);
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

    [Theory]
    [InlineData("renamed")]
    [InlineData("deleted")]
    [InlineData("replaced")]
    [InlineData("replaced by a pipe")]
    public void A_file_that_is_not_at_its_path_any_more_grows_only_when_it_was_kept_open(string what)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps every mapped file open.");
        using var scratch = new ScratchFile(10);
        using var file = MappedFile.Open(scratch.Location);
        using var kept = MappedFile.Open(scratch.Location, new MappedFileOptions { KeepOpen = true });
        string moved = scratch.Location + ".moved";
        if (what == "deleted")
            File.Delete(scratch.Location);
        else
            File.Move(scratch.Location, moved);
        if (what == "replaced")
            File.WriteAllBytes(scratch.Location, new byte[15]);
        else if (what == "replaced by a pipe")
            System.Diagnostics.Process.Start("mkfifo", [scratch.Location]).WaitForExit();
        try
        {
            Exception? refused = Caught.By(() => Worker.Run(() => file.Grow(20)));
            Assert.IsType<IOException>(refused);
            Assert.Contains(scratch.Location, refused.Message, StringComparison.Ordinal);
            Assert.Contains("KeepOpen", refused.Message, StringComparison.Ordinal);
            if (what == "replaced")
                Assert.Equal(15, new FileInfo(scratch.Location).Length); // Another's file is left alone.
            Assert.Equal(9, file.ReadByte(9));

            using MappedFile longer = kept.Grow(20);
            using MappedFile longest = longer.Grow(30);
            Assert.Equal((9, 0), (longest.ReadByte(9), longest.ReadByte(29)));
            Assert.Equal(1, OpenFiles.DescriptorsOf(scratch.Location)); // One for all that were grown.
            kept.Dispose();
            Assert.Equal(1, OpenFiles.DescriptorsOf(scratch.Location));
            longer.Dispose();
            longest.Dispose();
            Assert.Equal(0, OpenFiles.DescriptorsOf(scratch.Location));
        }
        finally
        {
            File.Delete(moved);
        }
    }

    [Fact]
    public void I63_a_map_keeps_no_descriptor_unless_asked_or_for_a_share_that_keeps_others_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts in /proc.");
        using var scratch = new ScratchFile(10);
        using var file = MappedFile.Open(scratch.Location);
        using MappedFile longer = file.Grow(5000);
        Assert.Equal((2, 0), (OpenFiles.MappingsOf(scratch.Location), OpenFiles.DescriptorsOf(scratch.Location)));
        file.Dispose();
        longer.Dispose();
        foreach (MappedFileOptions options in new MappedFileOptions[] { new() { KeepOpen = true }, new() { Share = FileShare.None }, new() { Share = FileShare.Read } })
        {
            using (MappedFile.Open(scratch.Location, options))
                Assert.Equal(1, OpenFiles.DescriptorsOf(scratch.Location));
            OpenFiles.AssertNothingLeft(scratch.Location);
        }
    }

    [Fact]
    public void I63_growing_on_a_full_disk_is_told_at_once_and_changes_nothing()
    {
        using SmallDisk disk = SmallDisk.Create(8);
        string path = Path.Combine(disk.Root, "file");
        using (MappedFile file = MappedFile.Create(path, 1 << 20))
        using (var cell = new MappedCell<MappedFile>(MappedFile.Open(path)))
        {
            Exception? full = Caught.By(() => file.Grow(64 << 20));
            Assert.IsType<IOException>(full);
            Assert.Equal($"'{path}' cannot grow from {1 << 20} to {64 << 20} bytes, and has not: {new Win32Exception(28).Message}.", full.Message);
            Assert.Equal(28, Assert.IsType<Win32Exception>(full.InnerException).NativeErrorCode); // No space left on the device.
            Assert.IsType<IOException>(Caught.By(() => cell.Grow(64 << 20)));
            Assert.Equal(1 << 20, cell.Current!.Length);
            Assert.Equal(1 << 20, new FileInfo(path).Length);

            // There is still room for what fits, and its blocks are there.
            using MappedFile longer = file.Grow(4 << 20);
            for (int i = 0; i < longer.Length; i += 4096)
                longer.Write(i, 1);
            Assert.Equal(0, OpenFiles.DescriptorsOf(disk.Root));
        }
        var holes = new MappedFileOptions { Allocate = false };
        using (MappedFile sparse = MappedFile.Create(Path.Combine(disk.Root, "sparse"), 64 << 20, holes))
        using (MappedFile longer = sparse.Grow(128 << 20))
            Assert.Equal(128 << 20, longer.Length); // As asked: a hole. Nothing is stored to it.
    }

    [Fact]
    public void Two_growers_never_leave_the_shorter_map()
    {
        using var scratch = new ScratchFile(10);
        using var cell = new MappedCell<MappedFile>(MappedFile.Open(scratch.Location, new MappedFileOptions { Allocate = false }));
        for (int round = 1; round <= 200; round++)
        {
            long shorter = 4096L * 4 * round + 4096, longer = shorter + 4096;
            using var start = new Barrier(2);
            using (new Worker(() => Grow(shorter)))
                Grow(longer);
            Assert.True(cell.Current!.Length >= longer, $"Round {round}: {cell.Current.Length} bytes.");

            void Grow(long length)
            {
                start.SignalAndWait(TimeSpan.FromMinutes(1));
                Assert.True(cell.Grow(length).Length >= length);
            }
        }
        Assert.Equal(1, scratch.Maps);
    }

    [Fact]
    public void A_cell_swaps_only_what_the_caller_expects()
    {
        NativeSlab first = NativeSlab.Allocate(1), second = NativeSlab.Allocate(2), third = NativeSlab.Allocate(3);
        var cell = new MappedCell<NativeSlab>(first);
        Assert.Throws<ArgumentNullException>("expected", () => cell.TrySwap(null!, second));
        Assert.Throws<ArgumentNullException>("next", () => cell.TrySwap(first, null!));
        Assert.Throws<ArgumentException>("next", () => cell.TrySwap(first, first));
        Assert.True(cell.TrySwap(first, second));
        Assert.True(first.Reference.IsZero);
        Assert.False(cell.TrySwap(first, third));
        Assert.Same(second, cell.Current);
        Assert.True(third.TryPin(out MappedPin pin)); // Still the caller's.
        pin.Dispose();
        cell.Dispose();
        Assert.False(cell.TrySwap(second, third));
        third.Dispose();
    }

    [Fact]
    public void A_cell_that_cannot_grow_says_why_and_is_as_it_was()
    {
        using var scratch = new ScratchFile(10);
        var cell = new MappedCell<MappedFile>(MappedFile.Open(scratch.Location, new MappedFileOptions { Access = MemoryMappedFileAccess.Read }));
        MappedFile current = cell.Current!;
        Assert.Throws<ArgumentNullException>(() => MappedCellExtensions.Grow(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cell.Grow(-1));
        Assert.Same(current, cell.Grow(10));
        Assert.Throws<EndOfStreamException>(() => cell.Grow(20));
        Assert.Same(current, cell.Current);
        current.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cell.Grow(20));
        cell.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cell.Grow(20));
    }

    [Fact]
    public void An_empty_file_is_an_empty_map_that_can_grow()
    {
        using var scratch = new ScratchFile(0);
        using MappedFile empty = MappedFile.Open(scratch.Location);
        Assert.Equal((0, 0), (empty.Length, scratch.Maps));
        using (MappedPin pin = empty.Pin())
        {
            Assert.True(pin.Span.IsEmpty && pin.ReadOnlySpan.IsEmpty && pin.Slice(0, 0).IsEmpty && !pin.IsDying);
            empty.Dispose();
            Assert.True(pin.IsDying);
            Assert.False(empty.Reference.IsZero);
        }
        Assert.True(empty.Reference.IsZero);

        using MappedFile again = MappedFile.Open(scratch.Location);
        Assert.Throws<ArgumentOutOfRangeException>("offset", () => again.Read<int>(0));
        Assert.Throws<ArgumentOutOfRangeException>("offset", () => again.Write(0, 1));
        Assert.True(again.Advise(MemoryAdvice.Random));
        again.Flush();
        using (HeldPin pin = again.Hold())
        {
            Assert.True(pin.Slice(0, 0).IsEmpty && pin.ReadOnlySlice(0, 0).IsEmpty && pin.Sequence(0, 0).IsEmpty);
            using System.Buffers.MemoryHandle handle = pin.Slice(0, 0).Pin();
        }
        using (MappedMemoryManager owner = again.Own(0, 0))
            Assert.True(owner.Memory.IsEmpty && owner.GetSpan().IsEmpty);
        using (MappedStream stream = again.OpenStream())
            Assert.Equal((0, -1, 0), (stream.Length, stream.ReadByte(), stream.Read(new byte[4])));
        using (MappedBufferWriter writer = again.OpenWriter())
            Assert.Throws<InvalidOperationException>(() => writer.GetSpan());
        using (MappedPin view = again.View(0, 0).Pin())
            Assert.Equal(0, view.Length);
        using MappedFile grown = again.Grow(100);
        grown.Write(96, 7);
        Assert.Equal(7, grown.Read<int>(96));
        Assert.Equal(1, scratch.Maps);
        Assert.True(MappedMemory.TotalMappedBytes >= 100);
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
