using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class MappedRead114846Workload : Workload
{
    internal override string Id => "mapped-read-114846";

    internal override string Operation => "read the next byte of a mapped file of 64 MiB and count it if it is zero (dotnet/runtime#114846)";

    internal override string Yardstick => "percpu-reader";

    internal override IReadOnlyList<string> SubjectIds =>
        Jdk.Java is null ? ["percpu-ref", "percpu-reader", "view-accessor"] : ["percpu-ref", "percpu-reader", "view-accessor", "java"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref", "percpu-reader"];

    internal override IReadOnlyList<(string Subject, string Reason)> NotRun =>
        Jdk.Java is null ? [("java", "there is no JDK in JAVA_HOME or on the PATH.")] : [];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var file = new ScanFile();
        try
        {
            List<Measuring.Subject> subjects = [new PercpuScanSubject(file), new PercpuReaderScanSubject(file), new ViewAccessorScanSubject(file)];
            if (Jdk.Java is { } java)
                subjects.Add(new JavaSubject(file, java));
            return new WorkloadInstance(subjects, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

/// <summary>Counts zeros chunk by chunk, and checks each count.</summary>
internal abstract class ScanLoop(ScanFile file, int thread) : ChunkLoop
{
    protected override long Expect(int chunk) => file.Zeros(thread, chunk);

    [MethodImpl(MethodImplOptions.NoInlining)] // And so on what it calls: one subject's loop is not to be copied into this.
    protected override long RunChunk(int chunk)
    {
        long start = ScanFile.Start(thread, chunk);
        return CountZeros(start, start + Operations);
    }

    protected abstract long CountZeros(long from, long to);
}

/// <summary>A pin for every byte: the accessor's call, with this library's file.</summary>
internal sealed class PercpuScanSubject(ScanFile scan) : Subject("percpu-ref")
{
    private readonly MappedFile _file = MappedFile.Open(scan.Data.Path);

    internal override Loop CreateLoop(int thread) => new ByteLoop(_file, scan, thread);

    internal override void CheckBalance() => PinBalance.Check(_file, Check);

    protected override void Free() => _file.Dispose();

    private sealed class ByteLoop(MappedFile file, ScanFile scan, int thread) : ScanLoop(scan, thread)
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long CountZeros(long from, long to)
        {
            MappedFile local = file;
            long zeros = 0;
            for (long i = from; i < to; i++)
                if (local.ReadByte(i) == 0)
                    zeros++;
            return zeros;
        }
    }
}

/// <summary>A pin for a scope of 16,384 bytes, and a range check for every byte.</summary>
internal sealed class PercpuReaderScanSubject(ScanFile scan) : Subject("percpu-reader")
{
    private readonly MappedFile _file = MappedFile.Open(scan.Data.Path);

    internal override Loop CreateLoop(int thread) => new ScopeLoop(_file, scan, thread);

    internal override void CheckBalance() => PinBalance.Check(_file, Check);

    protected override void Free() => _file.Dispose();

    private sealed class ScopeLoop(MappedFile file, ScanFile scan, int thread) : ScanLoop(scan, thread)
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long CountZeros(long from, long to)
        {
            long zeros = 0;
            using MappedPin pin = file.Pin();
            for (long i = from; i < to; i++)
                if (pin.ReadByte(i) == 0)
                    zeros++;
            return zeros;
        }
    }
}

/// <summary>The program of the issue as it stands there.</summary>
internal sealed class ViewAccessorScanSubject : Subject
{
    private readonly ScanFile _scan;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    internal ViewAccessorScanSubject(ScanFile scan)
        : base("view-accessor")
    {
        _scan = scan;
        _file = scan.Data.Map();
        _view = _file.CreateViewAccessor();
    }

    internal override Loop CreateLoop(int thread) => new ByteLoop(_view, _scan, thread);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private sealed class ByteLoop(MemoryMappedViewAccessor view, ScanFile scan, int thread) : ScanLoop(scan, thread)
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long CountZeros(long from, long to)
        {
            MemoryMappedViewAccessor local = view;
            long zeros = 0;
            for (long i = from; i < to; i++)
                if (local.ReadByte(i) == 0)
                    zeros++;
            return zeros;
        }
    }
}

/// <summary>The file of dotnet/runtime#114846: 64 MiB, of which the zero bytes are counted. A thread goes through it chunk
/// by chunk from a place of its own, round and round.</summary>
internal sealed class ScanFile : IDisposable
{
    internal const int Chunks = DataFile.Length / ChunkLoop.Operations;

    private readonly DataFile _data = new();
    private readonly int[] _zeros = new int[Chunks];

    internal ScanFile()
    {
        for (int i = 0; i < DataFile.Length; i++)
            _zeros[i / ChunkLoop.Operations] += DataFile.ByteAt(i) == 0 ? 1 : 0;
    }

    internal DataFile Data => _data;

    /// <summary>Where a thread begins: eight of them share the file evenly.</summary>
    internal static int FirstChunk(int thread) => thread % 8 * (Chunks / 8);

    internal static long Start(int thread, int chunk) => (long)((FirstChunk(thread) + chunk) % Chunks) * ChunkLoop.Operations;

    internal int Zeros(int thread, int chunk) => _zeros[(FirstChunk(thread) + chunk) % Chunks];

    /// <summary>The zeros of a thread's first chunks.</summary>
    internal long ZerosOfFirst(int thread, long chunks)
    {
        long zeros = chunks / Chunks * _zeros.Sum();
        for (int i = 0; i < chunks % Chunks; i++)
            zeros += Zeros(thread, i);
        return zeros;
    }

    public void Dispose() => _data.Dispose();
}
