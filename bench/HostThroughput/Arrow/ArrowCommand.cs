using System.CommandLine;
using System.Diagnostics;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Memory;
using Percpu.Arrow;

namespace Percpu.HostThroughput.Arrow;

/// <summary>A column of a file, opened and summed; buffers allocated and disposed.</summary>
internal static class ArrowCommand
{
    private const int BatchRows = 4 << 20;

    internal static Command Create()
    {
        var megabytes = new Option<int>("--megabytes") { DefaultValueFactory = _ => 1_024 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 2 };
        var child = new Option<string?>("--child") { Hidden = true };
        var scan = new Command("arrow-scan", "Opening a file of one column up to the first batch, and summing it.") { megabytes, rounds, child };
        scan.SetAction(parsed =>
        {
            string path = Path.Combine(Path.GetTempPath(), $"percpu-arrow-{parsed.GetValue(megabytes)}.arrow");
            if (parsed.GetValue(child) is { } subject)
                return Scan(subject, path);
            if (!System.IO.File.Exists(path))
                Write(path, parsed.GetValue(megabytes));
            return Children.Compare(["ArrowFileReader", "ArrowFile", "native-memory"], parsed.GetValue(rounds), name =>
                ["arrow", "arrow-scan", "--child", name, "--megabytes", $"{parsed.GetValue(megabytes)}"]);
        });
        var allocate = new Command("arrow-allocate", "Allocate, touch the first byte, dispose.") { rounds, threads, child };
        allocate.SetAction(parsed => parsed.GetValue(child) is { } subject
            ? Allocate(subject, parsed.GetValue(threads))
            : Children.Compare(["NativeMemoryAllocator", "PercpuArrowAllocator", "not-cleared"], parsed.GetValue(rounds), name =>
                ["arrow", "arrow-allocate", "--child", name, "--threads", $"{parsed.GetValue(threads)}"]));
        return new Command("arrow", "Times as fast as Apache.Arrow's own.") { scan, allocate };
    }

    private static void Write(string path, int megabytes)
    {
        using FileStream file = System.IO.File.Create(path);
        Int64Array column = new Int64Array.Builder().AppendRange(Enumerable.Range(0, BatchRows).Select(i => (long)i)).Build();
        var batch = new RecordBatch.Builder().Append("n", false, column).Build();
        using var writer = new ArrowFileWriter(file, batch.Schema);
        for (int written = 0; written < megabytes; written += BatchRows / (1 << 17))
            writer.WriteRecordBatch(batch);
        writer.WriteEnd();
    }

    private static int Scan(string subject, string path)
    {
        // The file is in memory already; what is measured is what the reader does.
        using (FileStream file = System.IO.File.OpenRead(path))
            file.CopyTo(Stream.Null);
        for (int round = 0; round < 2; round++)
        {
            var clock = Stopwatch.StartNew();
            var batches = new List<RecordBatch>();
            using IDisposable reader = subject == "ArrowFile" ? ArrowFile.Open(path) : new ArrowFileReader(System.IO.File.OpenRead(path));
            while ((reader is ArrowFile ours ? ours.ReadNextRecordBatch() : ((ArrowFileReader)reader).ReadNextRecordBatch()) is { } batch)
                batches.Add(batch);
            double opened = clock.Elapsed.TotalNanoseconds;
            Sum(batches); // Touches every page.
            clock.Restart();
            long sum = Sum(batches) + Sum(batches);
            double scanned = clock.Elapsed.TotalNanoseconds / 2;
            long rows = batches.Sum(batch => (long)batch.Length);
            batches.ForEach(batch => batch.Dispose());
            if (round == 0)
                continue; // Compiled now.
            Children.Row("open, all batches", opened);
            Children.Row("sum, a value", scanned / rows);
            if (sum == 0)
                return 1;
        }
        return 0;
    }

    private static long Sum(List<RecordBatch> batches)
    {
        long sum = 0;
        foreach (RecordBatch batch in batches)
        {
            foreach (long value in ((Int64Array)batch.Column(0)).Values)
                sum += value;
        }
        return sum;
    }

    private static int Allocate(string subject, int threads)
    {
        MemoryAllocator allocator = subject == "NativeMemoryAllocator" ? new NativeMemoryAllocator() : new PercpuArrowAllocator(clear: subject != "not-cleared");
        foreach (int length in (int[])[4_096, 65_536, 1 << 20])
        {
            Children.Row($"{length / 1_024} KiB", Crew.Measure(threads, 0.5, _ => () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    using var owner = allocator.Allocate(length);
                    owner.Memory.Span[0] = 1;
                }
                return 20;
            }));
        }
        return 0;
    }
}
