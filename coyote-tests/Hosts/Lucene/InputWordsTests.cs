using Lucene.Net.Index;
using Lucene.Net.Store;
using Percpu.Buffers;
using Percpu.Lucene;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Lucene;

/// <summary>What an input says where it refuses: the numbers in it are those that somebody who looks for the damage needs.</summary>
public sealed class InputWordsTests
{
    [Fact]
    public void The_end_of_a_file_and_of_a_part_is_told_in_their_own_numbers()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("f"), [.. Enumerable.Range(0, 40).Select(i => (byte)(0x80 | i))]);
        using var directory = new PercpuDirectory(folder.Root);
        using IndexInput file = directory.OpenInput("f", IOContext.READ);
        using var slicer = directory.CreateSlicer("f", IOContext.READ);
        using IndexInput part = slicer.OpenSlice("part", 10, 20);
        string path = $"PercpuIndexInput(path=\"{folder.At("f")}\")";
        Assert.Equal(path, file.ToString());
        Assert.Equal($"{path} [slice=part]", part.ToString());
        Assert.Equal((40L, 20L, 0L, 0L), (file.Length, part.Length, file.Position, part.Position));

        file.Seek(37);
        part.Seek(18);
        Says<EndOfStreamException>($"Read past the end: 4 bytes from 37 of 40: {file}", () => file.ReadInt32());
        Says<EndOfStreamException>($"Read past the end: 8 bytes from 37 of 40: {file}", () => file.ReadInt64());
        Says<EndOfStreamException>($"Read past the end: 4 bytes from 18 of 20: {part}", () => part.ReadInt32());
        Says<EndOfStreamException>($"Read past the end: 3 bytes from 18 of 20: {part}", () => part.ReadBytes(new byte[3], 0, 3));
        Says<EndOfStreamException>($"Read past the end: 3 bytes from 18 of 20: {part}", () => part.SkipBytes(3));
        Assert.Equal((37L, 18L), (file.Position, part.Position)); // Nothing was read.
        Assert.Equal(unchecked((short)0x9C9D), part.ReadInt16());
        Says<EndOfStreamException>($"Read past the end: 1 bytes from 20 of 20: {part}", () => part.ReadByte());
        part.Seek(20);
        Says<EndOfStreamException>($"Seek past the end: to 21 of 20: {part}", () => part.Seek(21));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.Seek(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.SkipBytes(-1));
        part.SkipBytes(0);
        Assert.Equal(20, part.Position);

        IndexInput clone = (IndexInput)part.Clone();
        Assert.Equal((20L, 20L, part.ToString()), (clone.Position, clone.Length, clone.ToString()));
        clone.Dispose();
        Says<ObjectDisposedException>("Already closed: ", () => clone.ReadByte());
        Says<ObjectDisposedException>("Already closed: ", () => clone.Seek(0));
        Says<ObjectDisposedException>("Already closed: ", () => _ = clone.Position);
        Says<ObjectDisposedException>("Already closed: ", () => clone.Clone());
        Says<ObjectDisposedException>("Already closed: ", () => clone.SkipBytes(0));
        Assert.Equal(20, part.Position);
    }

    [Fact]
    public void A_part_lies_inside_of_its_file()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("f"), [.. Enumerable.Range(0, 40).Select(i => (byte)i)]);
        using var directory = new PercpuDirectory(folder.Root);
        using var slicer = directory.CreateSlicer("f", IOContext.READ);
        foreach ((long offset, long length) in ((long, long)[])[(0, 40), (40, 0), (0, 0), (39, 1), (7, 33)])
        {
            using IndexInput part = slicer.OpenSlice("part", offset, length);
            Assert.Equal(length, part.Length);
            if (length > 0)
                Assert.Equal(offset, part.ReadByte());
        }
        foreach ((long offset, long length) in ((long, long)[])[(0, 41), (41, 0), (40, 1), (-1, 5), (5, -1), (1, long.MaxValue), (long.MaxValue, 1)])
        {
            CorruptIndexException refused = Assert.Throws<CorruptIndexException>(() => slicer.OpenSlice("part", offset, length));
            Assert.StartsWith($"The part 'part', {length} bytes from {offset}, is not inside the 40 bytes of the file", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_string_is_as_long_as_it_says_on_the_stack_and_beyond_it()
    {
        using var folder = new TempFolder();
        using var directory = new PercpuDirectory(folder.Root);
        string[] texts = [.. ((int[])[0, 1, 127, 511, 512, 513, 5_000]).Select(length => new string('x', Math.Max(0, length - 2)) + (length >= 2 ? "\u00e9" : new string('y', length)))];
        using (IndexOutput output = directory.CreateOutput("s", IOContext.DEFAULT))
        {
            foreach (string text in texts)
                output.WriteString(text);
            output.WriteVInt32(-5);
            output.WriteVInt32(3);
            output.WriteBytes([1, 2], 2);
        }
        using IndexInput input = directory.OpenInput("s", IOContext.READ);
        Assert.Equal(texts, texts.Select(_ => input.ReadString()));
        Assert.StartsWith("A string of -5 bytes at ", Assert.Throws<CorruptIndexException>(() => input.ReadString()).Message, StringComparison.Ordinal);
        Says<EndOfStreamException>($"Read past the end: 3 bytes from {input.Length - 2} of {input.Length}: {input}", () => input.ReadString());
    }

    [Fact]
    public void Advice_is_one_that_there_is()
    {
        foreach (MemoryAdvice advice in Enum.GetValues<MemoryAdvice>())
        {
            var options = new PercpuDirectoryOptions { SearchAdvice = advice, MergeAdvice = advice };
            Assert.Equal((advice, advice), (options.SearchAdvice, options.MergeAdvice));
        }
        MemoryAdvice most = Enum.GetValues<MemoryAdvice>().Max();
        foreach (MemoryAdvice none in (MemoryAdvice[])[most + 1, (MemoryAdvice)(-1)])
        {
            Assert.Equal("value", Assert.Throws<ArgumentOutOfRangeException>(() => new PercpuDirectoryOptions { SearchAdvice = none }).ParamName);
            Assert.Equal("value", Assert.Throws<ArgumentOutOfRangeException>(() => new PercpuDirectoryOptions { MergeAdvice = none }).ParamName);
        }
        Assert.Equal("path", Assert.Throws<ArgumentNullException>(() => new PercpuDirectory((DirectoryInfo)null!)).ParamName);
    }

    [Fact]
    public void Files_of_a_directory_are_listed_by_name_with_their_lengths_and_those_of_others_are_not()
    {
        using var folder = new TempFolder();
        string[] places = [folder.At("one"), folder.At("other")];
        foreach (string place in places)
        {
            System.IO.Directory.CreateDirectory(place);
            File.WriteAllBytes(Path.Combine(place, "b"), new byte[3]);
            File.WriteAllBytes(Path.Combine(place, "a"), new byte[5]);
            File.WriteAllBytes(Path.Combine(place, "empty"), []);
        }
        using PercpuDirectory one = new(places[0]), other = new(places[1]);
        IndexInput b = one.OpenInput("b", IOContext.READ);
        using IndexInput a = one.OpenInput("a", IOContext.READ), empty = one.OpenInput("empty", IOContext.READ), others = other.OpenInput("a", IOContext.READ);
        Assert.Equal([("a", 5L, false), ("b", 3L, false), ("empty", 0L, false)], one.GetMappedFiles().Select(file => (file.Name, file.Length, file.IsClosed)));
        Assert.Equal([("a", 5L, false)], other.GetMappedFiles().Select(file => (file.Name, file.Length, file.IsClosed)));
        Assert.True(one.Warm() is 0 or 8);
        Assert.True(other.Warm() is 0 or 5);
        b.Dispose();
        Assert.Equal(["a", "empty"], one.GetMappedFiles().Select(file => file.Name));
    }

    private static void Says<TException>(string words, Action action)
        where TException : Exception
    {
        TException exception = Assert.Throws<TException>(action);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }
}
