using System.Buffers.Binary;
using Apache.Arrow;
using Percpu.Arrow;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

/// <summary>Files that are cut or changed are refused, or have other values: nothing is read outside of them.</summary>
public sealed class ArrowDamageTests
{
    [Theory]
    [InlineData("javascript.arrow")]
    [InlineData("javascript.arrows")]
    [InlineData("rust-parquet.arrows")]
    [InlineData("nested")]
    public void Damage_of_any_byte_is_InvalidDataException_or_other_values_and_nothing_else(string name)
    {
        using var folder = new TempFolder();
        byte[] good = System.IO.File.ReadAllBytes(name == "nested" ? ArrowFiles.WriteNested(folder) : ArrowFiles.Fixture(name));
        string path = folder.At("damaged");
        byte[] values = [0x00, 0x01, 0x7F, 0x80, 0xFF]; // Lengths that are negative, enormous, or just wrong.
        int refused = 0;
        for (int place = 0; place < good.Length; place += place < 1_200 || place > good.Length - 1_000 ? 3 : 61)
        {
            byte[] bytes = [.. good];
            bytes[place] = values[place % values.Length];
            long before = GC.GetAllocatedBytesForCurrentThread();
            refused += ReadAll(path, bytes);
            // Seen before the messages were checked: a list of 2,130,706,435 columns, 17 GB.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
        }
        Assert.True(refused > 20, $"Only {refused} were refused.");
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Fact]
    public void Files_cut_anywhere_are_refused()
    {
        byte[] good = System.IO.File.ReadAllBytes(ArrowFiles.Fixture("javascript.arrow"));
        using var folder = new TempFolder();
        for (int length = 6; length < good.Length; length += 13)
            Assert.Equal(1, ReadAll(folder.At("cut"), good[..length]));
        byte[] beyond = [.. good];
        foreach (int footer in (int[])[0, -1, int.MinValue, int.MaxValue, good.Length])
        {
            BinaryPrimitives.WriteInt32LittleEndian(beyond.AsSpan(^10..), footer);
            Assert.Equal(1, ReadAll(folder.At("footer"), beyond));
        }
        System.IO.File.WriteAllBytes(folder.At("empty"), []);
        Assert.Throws<InvalidDataException>(() => ArrowFile.Open(folder.At("empty")));
        Assert.Throws<FileNotFoundException>(() => ArrowFile.Open(folder.At("none")));
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Fact]
    public void Texts_that_lie_outside_of_their_column_are_refused_unless_the_file_is_trusted()
    {
        using var folder = new TempFolder();
        string path = ArrowFiles.Write(folder, stream: true, batches: 1);
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        int place = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0]); // The offsets of s0, s1, ...
        Assert.True(place > 0);
        foreach (int offset in (int[])[-1, int.MinValue, 1, 5_000, int.MaxValue])
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(place + 8), offset);
            System.IO.File.WriteAllBytes(path, bytes);
            using var file = ArrowFile.Open(path);
            InvalidDataException exception = Assert.Throws<InvalidDataException>(file.ReadNextRecordBatch);
            Assert.Contains("from 0 to", exception.Message, StringComparison.Ordinal);
            using var trusted = ArrowFile.Open(path, trusted: true);
            using MappedRecordBatch batch = trusted.ReadNextRecordBatch()!;
            Assert.Equal(1_000, batch.Length);
        }
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
    }

    [Fact]
    public void Lengths_of_64_bits_are_not_cut_to_32()
    {
        using var folder = new TempFolder();
        string path = ArrowFiles.Write(folder, stream: true, batches: 1);
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        // A thousand rows, in the batch and in each column's node: each with a bit above the 32 that Arrow's reader keeps.
        ReadOnlySpan<byte> rows = [0xE8, 3, 0, 0, 0, 0, 0, 0];
        int found = 0;
        for (int place = bytes.AsSpan().IndexOf(rows), from = 0; place >= 0; from += place + 8, place = bytes.AsSpan(from).IndexOf(rows))
        {
            byte[] damaged = [.. bytes];
            damaged[from + place + 4] = 1;
            if (from + place > 2_000)
                break; // Values.
            found++;
            Assert.Equal(1, ReadAll(folder.At("long"), damaged));
        }
        Assert.True(found >= 3, $"Only {found} were found.");
    }

    /// <summary>Reads whatever can be read. 1 if it was refused, 0 if not.</summary>
    private static int ReadAll(string path, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(path, bytes);
        try
        {
            using var file = ArrowFile.Open(path);
            while (file.ReadNextRecordBatch() is { } batch)
            {
                foreach (IArrowArray column in batch.Arrays)
                    Touch(column);
                batch.Dispose();
            }
            return 0;
        }
        catch (InvalidDataException)
        {
            return 1;
        }
        catch (Exception exception) when (exception is NotSupportedException or NotImplementedException)
        {
            return 1; // Other types than Arrow for .NET knows.
        }
    }

    /// <summary>Looks at every value. Arrow's own exceptions, where a value is none, are no fault: it must not read outside.</summary>
    private static void Touch(IArrowArray array)
    {
        for (int i = 0; i < array.Length; i++)
        {
            try
            {
                _ = array switch
                {
                    StringArray texts => texts.GetString(i)?.Length,
                    LargeStringArray texts => texts.GetString(i)?.Length,
                    StringViewArray texts => texts.GetString(i)?.Length,
                    Int32Array numbers => numbers.GetValue(i),
                    Int64Array numbers => (int?)numbers.GetValue(i),
                    DoubleArray numbers => (int?)numbers.GetValue(i),
                    BooleanArray flags => flags.GetValue(i) is null ? 0 : 1,
                    ListArray lists => TouchAll(lists.GetSlicedValues(i)),
                    _ => 0,
                };
            }
            catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException)
            {
                return;
            }
        }
        if (array is DictionaryArray coded)
            _ = TouchAll(coded.Dictionary) + TouchAll(coded.Indices);
        else if (array is StructArray structure)
            _ = structure.Fields.Sum(TouchAll);
    }

    private static int TouchAll(IArrowArray array)
    {
        Touch(array);
        return 1;
    }
}
