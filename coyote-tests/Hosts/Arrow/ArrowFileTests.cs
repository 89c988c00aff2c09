using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Percpu.Arrow;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

public sealed class ArrowFileTests
{
    private const int Rows = 300;

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Arrow", "Files", name);

    [Theory]
    [InlineData("javascript.arrow", false)]
    [InlineData("javascript.arrows", true)]
    [InlineData("rust-parquet.arrows", true)]
    public void Files_of_other_implementations_are_read_in_place(string name, bool stream)
    {
        using var file = ArrowFile.Open(Fixture(name));
        Assert.Equal(stream, file.IsStream);
        Assert.Equal(["number", "real", "text", "flag", "word"], file.Schema.FieldsList.Select(field => field.Name));
        int row = 0;
        while (file.ReadNextRecordBatch() is { } batch)
        {
            using (batch)
            {
                CheckRows(batch, row);
                row += batch.Length;
            }
        }
        Assert.Equal(Rows, row);
        Assert.Null(file.ReadNextRecordBatch());
        file.Rewind();
        using RecordBatch first = file.ReadNextRecordBatch()!;
        CheckRows(first, 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_Arrows_own_writer_wrote_comes_back(bool stream)
    {
        using var folder = new TempFolder();
        string path = Write(folder, stream, batches: 3);
        using var file = ArrowFile.Open(path);
        using FileStream theirs = System.IO.File.OpenRead(path);
        using ArrowStreamReader reader = stream ? new ArrowStreamReader(theirs) : new ArrowFileReader(theirs);
        int batches = 0;
        while (reader.ReadNextRecordBatch() is { } expected)
        {
            using MappedRecordBatch actual = file.ReadNextRecordBatch()!;
            Assert.Equal(((Int64Array)expected.Column(0)).Values.ToArray(), ((Int64Array)actual.Column(0)).Values.ToArray());
            Assert.Equal(((StringArray)expected.Column(1)).GetString(5), ((StringArray)actual.Column(1)).GetString(5));
            expected.Dispose();
            batches++;
        }
        Assert.Equal(3, batches);
        Assert.Null(file.ReadNextRecordBatch());
    }

    [Fact]
    public void I62_a_batch_keeps_the_file_mapped_and_a_shared_slice_keeps_it_on_its_own()
    {
        using var folder = new TempFolder();
        var file = ArrowFile.Open(Write(folder, stream: false, batches: 2));
        MappedRecordBatch batch = file.ReadNextRecordBatch()!;
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ReadNextRecordBatch());
        Assert.Throws<ObjectDisposedException>(file.Rewind);
        Assert.Equal(1, OpenFiles.MappingsOf(folder.Root));
        MappedRecordBatch part = batch.SliceShared(10, 5);
        var column = (Int64Array)batch.Column(0);
        Assert.Equal(20, column.GetValue(20));
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.SliceShared(0, 1));
        Assert.Equal(12, ((Int64Array)part.Column(0)).GetValue(2));
        Assert.Equal(5, part.Length);
        Assert.Equal(1, OpenFiles.MappingsOf(folder.Root));
        part.Dispose();
        Assert.Equal(0, OpenFiles.MappingsOf(folder.Root));
        Assert.True(file.File.Reference.IsZero);
        Assert.Throws<ObjectDisposedException>(() => column.GetValue(20));
    }

    [Fact]
    public void Reading_a_batch_copies_no_values()
    {
        using var folder = new TempFolder();
        using var file = ArrowFile.Open(Write(folder, stream: false, batches: 3, rows: 100_000));
        file.ReadNextRecordBatch()!.Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        using MappedRecordBatch batch = file.ReadNextRecordBatch()!;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
        using HeldPin pin = file.File.Hold();
        unsafe
        {
            fixed (long* values = ((Int64Array)batch.Column(0)).Values)
            {
                long offset = (byte*)values - pin.GetPointer(0, 0);
                Assert.InRange(offset, 0, file.File.Length - 800_000);
                Assert.Equal(0, offset % 8);
            }
        }
    }

    [Theory]
    [InlineData("javascript.arrow")]
    [InlineData("javascript.arrows")]
    [InlineData("rust-parquet.arrows")]
    [InlineData("nested")]
    public void Damage_of_any_byte_is_InvalidDataException_or_other_values_and_nothing_else(string name)
    {
        using var folder = new TempFolder();
        byte[] good = System.IO.File.ReadAllBytes(name == "nested" ? WriteNested(folder) : Fixture(name));
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
    public void A_file_of_more_than_two_GiB_is_read_in_place()
    {
        using var folder = new TempFolder();
        string path = folder.At("large");
        RecordBatch batch = new RecordBatch.Builder().Append("n", false, column => column.Int64(array => array.AppendRange(Enumerable.Range(0, 1_000).Select(i => (long)i)))).Build();
        using (FileStream file = System.IO.File.Create(path))
        {
            // A hole that is a message of a kind to pass over would need a body that long: a schema with one.
            using (var writer = new ArrowStreamWriter(file, batch.Schema, leaveOpen: true))
                writer.WriteStart();
            WriteMessageWithBody(file, int.MaxValue - 7);
            WriteMessageWithBody(file, 1 << 20);
            long before = file.Position;
            var tail = new MemoryStream();
            using (var writer = new ArrowStreamWriter(tail, batch.Schema, leaveOpen: true))
            {
                writer.WriteRecordBatch(batch);
                writer.WriteEnd();
            }
            tail.Position = 0;
            tail.CopyTo(file);
            Assert.True(before > int.MaxValue);
        }
        using var large = ArrowFile.Open(path);
        using MappedRecordBatch read = large.ReadNextRecordBatch()!;
        Assert.Equal(999, ((Int64Array)read.Column(0)).GetValue(999));
        Assert.Null(large.ReadNextRecordBatch());
    }

    [Fact]
    public void Files_cut_anywhere_are_refused()
    {
        byte[] good = System.IO.File.ReadAllBytes(Fixture("javascript.arrow"));
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
        string path = Write(folder, stream: true, batches: 1);
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
        string path = Write(folder, stream: true, batches: 1);
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

    internal static string Write(TempFolder folder, bool stream, int batches, int rows = 1_000)
    {
        string path = folder.At("own");
        RecordBatch batch = new RecordBatch.Builder()
            .Append("n", false, column => column.Int64(array => array.AppendRange(Enumerable.Range(0, rows).Select(i => (long)i))))
            .Append("s", true, column => column.String(array => array.AppendRange(Enumerable.Range(0, rows).Select(i => $"s{i}"))))
            .Build();
        using FileStream file = System.IO.File.Create(path);
        using ArrowStreamWriter writer = stream ? new ArrowStreamWriter(file, batch.Schema) : new ArrowFileWriter(file, batch.Schema);
        for (int i = 0; i < batches; i++)
            writer.WriteRecordBatch(batch);
        writer.WriteEnd();
        return path;
    }

    /// <summary>A file of the types whose values are places in other values.</summary>
    private static string WriteNested(TempFolder folder)
    {
        string path = folder.At("nested");
        var list = new ListArray.Builder(StringType.Default);
        var large = new LargeStringArray.Builder();
        var view = new StringViewArray.Builder();
        for (int i = 0; i < 40; i++)
        {
            list.Append();
            ((StringArray.Builder)list.ValueBuilder).AppendRange(Enumerable.Range(0, i % 4).Select(j => $"{i} {j}"));
            large.Append($"large {i}");
            view.Append(i % 2 == 0 ? "short" : $"a text that is longer than a view, {i}");
        }
        StringArray words = new StringArray.Builder().AppendRange(["a", "bb", "ccc"]).Build();
        Int32Array indices = new Int32Array.Builder().AppendRange(Enumerable.Range(0, 40).Select(i => i % 3)).Build();
        Int64Array numbers = new Int64Array.Builder().AppendRange(Enumerable.Range(0, 40).Select(i => (long)i)).Build();
        ListArray lists = list.Build();
        var type = new StructType([new Field("n", Int64Type.Default, false), new Field("l", lists.Data.DataType, false)]);
        RecordBatch batch = new RecordBatch.Builder()
            .Append("list", false, lists).Append("large", false, large.Build()).Append("view", false, view.Build())
            .Append("word", false, new DictionaryArray(new DictionaryType(Int32Type.Default, StringType.Default, false), indices, words))
            .Append("struct", false, new StructArray(type, 40, [numbers, lists], ArrowBuffer.Empty))
            .Build();
        using FileStream file = System.IO.File.Create(path);
        using var writer = new ArrowFileWriter(file, batch.Schema);
        writer.WriteRecordBatch(batch);
        writer.WriteRecordBatch(batch);
        writer.WriteEnd();
        return path;
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

    /// <summary>A message that readers pass over, a schema, with a body that is a hole.</summary>
    private static void WriteMessageWithBody(FileStream file, int bodyLength)
    {
        byte[] message = new byte[8 + 40];
        BinaryPrimitives.WriteInt32LittleEndian(message, -1);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), 40);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(8), 16);
        short[] fields = [12, 24, 6, 4, 0, 8]; // Two lengths; version, kind, no header, length of the body.
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(message.AsSpan(12 + 2 * i), fields[i]);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(24), 12);
        message[28] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(32), bodyLength);
        file.Write(message);
        file.SetLength(file.Position + bodyLength);
        file.Position += bodyLength;
    }

    private static void CheckRows(RecordBatch batch, int from)
    {
        var number = (Int32Array)batch.Column("number");
        var real = (DoubleArray)batch.Column("real");
        var text = (StringArray)batch.Column("text");
        var flag = (BooleanArray)batch.Column("flag");
        IArrowArray word = batch.Column("word");
        for (int i = 0; i < batch.Length; i++)
        {
            int row = from + i;
            Assert.Equal(row * row - 5, number.GetValue(i));
            Assert.Equal(row / 4.0, real.GetValue(i));
            Assert.Equal(row % 7 == 0 ? null : $"row {row} \u00e4\U0001f600", text.GetString(i));
            Assert.Equal(row % 3 == 0, flag.GetValue(i));
            Assert.Equal(((string[])["red", "green", "blue"])[row % 3], Word(word, i));
        }
    }

    private static string Word(IArrowArray words, int row) => words is DictionaryArray coded
        ? ((StringArray)coded.Dictionary).GetString(((Int32Array)coded.Indices).GetValue(row)!.Value)
        : ((StringArray)words).GetString(row);

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
}
