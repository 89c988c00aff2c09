using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Percpu.Arrow;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

public sealed class ArrowFileTests
{
    private const int Rows = 300;

    [Theory]
    [InlineData("javascript.arrow", false)]
    [InlineData("javascript.arrows", true)]
    [InlineData("rust-parquet.arrows", true)]
    public void Files_of_other_implementations_are_read_in_place(string name, bool stream)
    {
        using var file = ArrowFile.Open(ArrowFiles.Fixture(name));
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
        string path = ArrowFiles.Write(folder, stream, batches: 3);
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
        var file = ArrowFile.Open(ArrowFiles.Write(folder, stream: false, batches: 2));
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
        using var file = ArrowFile.Open(ArrowFiles.Write(folder, stream: false, batches: 3, rows: 100_000));
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
}
