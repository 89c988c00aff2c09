using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class MappedReadWorkload : Workload
{
    private const string WindowName = "window", Whole = "64MiB";

    internal override string Id => "mapped-read";

    internal override string Operation => "read one random byte of a mapped file of 64 MiB, in a window of 16 KiB if nothing else is said";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "raw-pointer";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "percpu-value", "percpu-ref-64", "view-accessor", "safe-buffer", "raw-pointer"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref", "percpu-value", "percpu-ref-64"];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [new Dictionary<string, string>(), new Dictionary<string, string> { [WindowName] = Whole }];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int window = parameters.GetValueOrDefault(WindowName) == Whole ? DataFile.Length : 16 << 10;
        var file = new DataFile();
        try
        {
            Subject[] subjects =
                [
                    new PercpuReadSubject(file, window, ofValue: false),
                    new PercpuReadSubject(file, window, ofValue: true),
                    new PercpuBatchSubject("percpu-ref-64", file, window, 64),
                    new ViewAccessorReadSubject(file, window),
                    new SafeBufferSubject(file, window),
                    new RawPointerSubject(file, window),
                ];
            file.Unlink();
            return new WorkloadInstance(subjects, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

internal sealed class ReadBatchWorkload : Workload
{
    private const string Batch = "batch";
    private const int Window = 16 << 10;

    private static readonly string[] Sizes = ["1", "4", "16", "64", "256"];

    internal override string Id => "read-batch";

    internal override string Operation => "read one random byte of a window of 16 KiB, with one pin for so many reads";

    internal override string Yardstick => "percpu-ref";

    internal override string Floor => "raw-pointer";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref", "raw-pointer"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
        [.. Sizes.Select(batch => new Dictionary<string, string> { [Batch] = batch })];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        int size = int.Parse(parameters[Batch], CultureInfo.InvariantCulture);
        var file = new DataFile();
        try
        {
            Subject[] subjects = [new PercpuBatchSubject("percpu-ref", file, Window, size), new RawPointerSubject(file, Window)];
            file.Unlink();
            return new WorkloadInstance(subjects, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

/// <summary>Reads one byte as one subject does it. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface IByteReader
{
    byte Read(int position);
}

/// <summary>A loop over random positions; checks the sum of the bytes.</summary>
internal abstract class PositionLoop(int thread, int window) : ChunkLoop
{
    private readonly long[] _sums = Positions.ExpectedSums(thread, window);

    protected override long Expect(int chunk) => _sums[chunk % _sums.Length];

    protected Positions PositionsOf(int chunk) => Positions.Of(thread, chunk, window);
}

/// <summary>The hot loop of every subject of <c>mapped-read</c> that does each read by itself.</summary>
internal sealed class ReadLoop<TReader>(TReader reader, int thread, int window) : PositionLoop(thread, window)
    where TReader : struct, IByteReader
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TReader local = reader;
        Positions positions = PositionsOf(chunk);
        long sum = 0;
        for (int i = 0; i < Operations; i++)
            sum += local.Read(positions.Next());
        return sum;
    }
}

/// <summary>A pin for every read: taken and disposed of by the caller, or inside the accessor's call.</summary>
internal sealed class PercpuReadSubject(DataFile data, int window, bool ofValue) : Subject(ofValue ? "percpu-value" : "percpu-ref")
{
    private readonly MappedFile _file = MappedFile.Open(data.Path);

    internal override Loop CreateLoop(int thread) => ofValue
        ? new ReadLoop<ValueReader>(new ValueReader(_file), thread, window)
        : new ReadLoop<Reader>(new Reader(_file), thread, window);

    internal override void CheckBalance() => PinBalance.Check(_file, Check);

    protected override void Free() => _file.Dispose();

    private readonly struct Reader(MappedFile file) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position)
        {
            if (!file.TryPin(out MappedPin pin))
                return 0; // The chunk's sum tells.
            using (pin)
                return pin.ReadOnlySpan[position];
        }
    }

    private readonly struct ValueReader(MappedFile file) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => file.ReadByte(position);
    }
}

internal static class PinBalance
{
    /// <summary>A disposed file is unmapped at once when no pin is left.</summary>
    internal static void Check(MappedFile file, Action<bool, string> check)
    {
        file.Dispose();
        check(file.Released.IsCompletedSuccessfully, "the file is not unmapped after its disposal: pins are left.");
    }
}

/// <summary>A pin for so many reads, a divisor of the operations of a chunk: what an engine does that reads a record.</summary>
internal sealed class PercpuBatchSubject(string id, DataFile data, int window, int batch) : Subject(id)
{
    private readonly MappedFile _file = MappedFile.Open(data.Path);

    internal override Loop CreateLoop(int thread) => new PinnedLoop(_file, thread, window, batch);

    internal override void CheckBalance() => PinBalance.Check(_file, Check);

    protected override void Free() => _file.Dispose();

    private sealed class PinnedLoop(MappedFile file, int thread, int window, int batch) : PositionLoop(thread, window)
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long RunChunk(int chunk)
        {
            MappedFile local = file;
            int reads = batch;
            Positions positions = PositionsOf(chunk);
            long sum = 0;
            for (int i = 0; i < Operations / reads; i++)
            {
                if (!local.TryPin(out MappedPin pin))
                    return -1;
                using (pin)
                {
                    ReadOnlySpan<byte> bytes = pin.ReadOnlySpan;
                    for (int read = 0; read < reads; read++)
                        sum += bytes[positions.Next()];
                }
            }
            return sum;
        }
    }
}

/// <summary>.NET's own safe way: a reference count, two range checks and a copy in every call.</summary>
internal sealed class ViewAccessorReadSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _window;

    internal ViewAccessorReadSubject(DataFile data, int window)
        : base("view-accessor")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
        _window = window;
    }

    internal override Loop CreateLoop(int thread) => new ReadLoop<Reader>(new Reader(_view), thread, _window);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(MemoryMappedViewAccessor view) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => view.ReadByte(position);
    }
}

/// <summary>The buffer below the accessor, read directly.</summary>
internal sealed class SafeBufferSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _window;

    internal SafeBufferSubject(DataFile data, int window)
        : base("safe-buffer")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
        _window = window;
    }

    internal override Loop CreateLoop(int thread) =>
        new ReadLoop<Reader>(new Reader(_view.SafeMemoryMappedViewHandle), thread, _window);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(SafeBuffer buffer) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => buffer.Read<byte>((ulong)position);
    }
}

/// <summary>No protection at all: the floor, and a crash as soon as another thread unmaps.</summary>
internal sealed unsafe class RawPointerSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _address;
    private readonly int _window;

    internal RawPointerSubject(DataFile data, int window)
        : base("raw-pointer")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
        _window = window;
        byte* address = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        _address = address + _view.PointerOffset;
    }

    internal override Loop CreateLoop(int thread) => new ReadLoop<Reader>(new Reader(_address), thread, _window);

    protected override void Free()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(byte* address) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => address[position];
    }
}
