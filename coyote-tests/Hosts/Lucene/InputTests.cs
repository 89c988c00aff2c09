using Lucene.Net.Index;
using Lucene.Net.Store;
using Percpu.Unit.Support;
using Percpu.Lucene;

namespace Percpu.HostTests.Lucene;

/// <summary>What Lucene relies on in an input, each also in its clones and slices.</summary>
public sealed class InputTests
{
    [Fact]
    public void Every_kind_of_read_gives_what_MMapDirectory_gives_from_any_place_in_any_order()
    {
        using var folder = new TempFolder();
        var random = new Random(20261128);
        foreach (int length in (int[])[0, 1, 7, 8, 9, 15, 64, 1_000, 20_000])
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            for (int i = 0; i < length; i++)
                bytes[i] = random.Next(4) == 0 ? (byte)(bytes[i] | 0x80) : (byte)(bytes[i] & 0x7F); // Numbers of variable length that end.
            File.WriteAllBytes(folder.At("f"), bytes);
            using var ours = new PercpuDirectory(folder.Root);
            using var theirs = new NIOFSDirectory(folder.Root);
            using IndexInput one = ours.OpenInput("f", IOContext.READ);
            using IndexInput two = theirs.OpenInput("f", IOContext.READ);
            Compare(one, two, random, 5_000);
            using var slicer = ours.CreateSlicer("f", IOContext.DEFAULT);
            using var theirSlicer = theirs.CreateSlicer("f", IOContext.DEFAULT);
            for (int slice = 0; slice < 20; slice++)
            {
                int start = random.Next(length + 1), size = random.Next(length - start + 1);
                using IndexInput part = slicer.OpenSlice("part", start, size), theirPart = theirSlicer.OpenSlice("part", start, size);
                Compare(part, theirPart, random, 200);
            }
        }
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Numbers_of_variable_length_come_back_at_the_end_of_a_file_and_before_it(int value)
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        foreach (int after in (int[])[0, 1, 3, 20])
        {
            using (IndexOutput output = directory.CreateOutput("v", IOContext.DEFAULT))
            {
                output.WriteVInt32(value);
                output.WriteVInt64(value & long.MaxValue);
                output.WriteVInt64(long.MaxValue);
                output.WriteVInt32(value);
                output.WriteBytes(new byte[after], after);
            }
            using IndexInput input = directory.OpenInput("v", IOContext.DEFAULT);
            Assert.Equal(value, input.ReadVInt32());
            Assert.Equal(value & long.MaxValue, input.ReadVInt64());
            Assert.Equal(long.MaxValue, input.ReadVInt64());
            Assert.Equal(value, input.ReadVInt32());
            Assert.Equal(input.Length - after, input.Position);
        }
    }

    [Fact]
    public void A_damaged_number_or_string_is_an_IOException()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("d"), [.. Enumerable.Repeat((byte)0xFF, 12), 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 1, 2]);
        using IndexInput input = directory.OpenInput("d", IOContext.DEFAULT);
        Assert.ThrowsAny<IOException>(() => input.ReadVInt32());
        input.Seek(0);
        Assert.ThrowsAny<IOException>(() => input.ReadVInt64());
        input.Seek(8);
        Assert.ThrowsAny<IOException>(() => input.ReadVInt32()); // 5 bytes, the last with more than 4 bits.
        input.Seek(13);
        Assert.Throws<EndOfStreamException>(() => input.ReadString()); // 2 GiB, and nothing is allocated for them.
        using var slicer = directory.CreateSlicer("d", IOContext.DEFAULT);
        Assert.Throws<CorruptIndexException>(() => slicer.OpenSlice("beyond", 10, 11));
        Assert.Throws<CorruptIndexException>(() => slicer.OpenSlice("overflow", 10, long.MaxValue));
        Assert.Throws<CorruptIndexException>(() => slicer.OpenSlice("negative", -1, 2));
    }

    [Fact]
    public void After_a_close_only_ObjectDisposedException_comes_from_the_input_its_clones_and_slices()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("f"), new byte[100]);
        File.WriteAllBytes(folder.At("empty"), []);
        foreach (string name in (string[])["f", "empty"])
        {
            IndexInput input = directory.OpenInput(name, IOContext.READ);
            var clone = (IndexInput)input.Clone();
            var cloneOfClone = (IndexInput)clone.Clone();
            if (input.Length > 0)
                cloneOfClone.ReadByte(); // It has a window now.
            input.Dispose();
            input.Dispose();
            Assert.All([input, clone, cloneOfClone], AssertClosed);
            clone.Dispose();

            var slicer = directory.CreateSlicer(name, IOContext.READ);
            IndexInput slice = slicer.OpenSlice("all", 0, input.Length);
            slicer.Dispose();
            AssertClosed(slice);
            Assert.Throws<ObjectDisposedException>(() => slicer.OpenSlice("all", 0, 0));
        }
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Fact]
    public void A_closed_clone_or_slice_leaves_the_others_open()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("f"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        using IndexInput input = directory.OpenInput("f", IOContext.READ);
        var one = (IndexInput)input.Clone();
        var two = (IndexInput)one.Clone();
        one.ReadByte();
        one.Dispose();
        AssertClosed(one);
        Assert.Equal(1, input.ReadByte());
        Assert.Equal(1, two.ReadByte());
        using var slicer = directory.CreateSlicer("f", IOContext.READ);
        IndexInput first = slicer.OpenSlice("first", 0, 4), second = slicer.OpenSlice("second", 4, 6);
        first.Dispose();
        AssertClosed(first);
        Assert.Equal(0x0506_0708, second.ReadInt32());
    }

    [Fact]
    public void The_end_is_EndOfStreamException_in_every_read()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("f"), new byte[20]);
        using var slicer = directory.CreateSlicer("f", IOContext.READ);
        using IndexInput input = slicer.OpenSlice("middle", 5, 10);
        Assert.All(Reads, read =>
        {
            input.Seek(10);
            Assert.Throws<EndOfStreamException>(() => read(input));
        });
        input.Seek(9);
        Assert.Throws<EndOfStreamException>(() => input.ReadInt16());
        Assert.Throws<EndOfStreamException>(() => input.SkipBytes(2));
        Assert.Contains("to 11 of 10", Assert.Throws<EndOfStreamException>(() => input.Seek(11)).Message, StringComparison.Ordinal);
        Assert.Equal(-1L, Assert.Throws<ArgumentOutOfRangeException>(() => input.Seek(-1)).ActualValue);
        Assert.Equal(9, input.Position);
    }

    [Fact]
    public void A_clone_allocates_one_small_object()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        File.WriteAllBytes(folder.At("f"), new byte[20]);
        using IndexInput input = directory.OpenInput("f", IOContext.READ);
        object clone = input.Clone();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            clone = input.Clone();
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 104);
        GC.KeepAlive(clone);
    }

    private static readonly Action<IndexInput>[] Reads =
    [
        input => input.ReadByte(),
        input => input.ReadBytes(new byte[3], 0, 1),
        input => input.ReadInt16(),
        input => input.ReadInt32(),
        input => input.ReadInt64(),
        input => input.ReadVInt32(),
        input => input.ReadVInt64(),
        input => input.ReadString(),
    ];

    private static void AssertClosed(IndexInput input)
    {
        Assert.All(Reads, read => Assert.Throws<ObjectDisposedException>(() => read(input)));
        Assert.Throws<ObjectDisposedException>(() => input.Seek(0));
        Assert.Throws<ObjectDisposedException>(() => input.Position);
        Assert.Throws<ObjectDisposedException>(() => input.Clone());
    }

    private static void Compare(IndexInput one, IndexInput two, Random random, int operations)
    {
        Assert.Equal(two.Length, one.Length);
        one.Seek(0);
        two.Seek(0);
        for (int i = 0; i < operations; i++)
        {
            if (random.Next(20) == 0)
            {
                one = (IndexInput)one.Clone();
                two = (IndexInput)two.Clone();
            }
            if (random.Next(5) == 0)
            {
                long place = random.NextInt64(one.Length + 1);
                one.Seek(place);
                two.Seek(place);
            }
            int kind = random.Next(7), size = random.Next(40);
            long start = one.Position;
            (object? ours, object? theirs) = (Try(one, kind, size), Try(two, kind, size));
            Assert.True(Equals(ours, theirs), $"Read {kind} ({size}) at {start} of {one.Length}: {ours}, expected {theirs}.");
            if (theirs is Type)
            {
                // Where a failed read leaves an input is its own business.
                one.Seek(start);
                two.Seek(start);
            }
            Assert.Equal(two.Position, one.Position);
        }
    }

    private static object Try(IndexInput input, int kind, int size)
    {
        try
        {
            return kind switch
            {
                0 => input.ReadByte(),
                1 => input.ReadInt16(),
                2 => input.ReadInt32(),
                3 => input.ReadInt64(),
                4 => input.ReadVInt32(),
                5 => input.ReadVInt64(),
                _ => Bytes(input, size),
            };
        }
        catch (IOException exception)
        {
            return exception.GetType();
        }
    }

    private static string Bytes(IndexInput input, int size)
    {
        byte[] bytes = new byte[size + 2];
        input.ReadBytes(bytes, 1, size);
        return Convert.ToHexString(bytes);
    }
}
