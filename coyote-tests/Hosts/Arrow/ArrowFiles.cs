using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

/// <summary>Files that tests read: of other implementations, and by Arrow's own writer.</summary>
internal static class ArrowFiles
{
    /// <summary>One of those beside this source.</summary>
    internal static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Arrow", "Files", name);

    /// <summary>Equal batches of a number n and a text "s" and n.</summary>
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
    internal static string WriteNested(TempFolder folder)
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
}
