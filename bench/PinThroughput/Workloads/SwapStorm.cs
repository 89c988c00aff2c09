using System.Diagnostics;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class SwapStormWorkload : Workload
{
    internal override string Id => "swap-storm";

    internal override string Operation => "map a file of 64 KiB, put it in place of another, dispose of that, by one thread, while the others read and check";

    internal override string Yardstick => "percpu-ref";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-ref"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-ref"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new([new SwapSubject()]);
}

/// <summary>Thread 0 swaps mapped files in a cell and disposes of them; the others read whatever stands there.</summary>
/// <remarks>The case of apache/lucenenet#1013. Of two files one holds even bytes only and the other odd ones, so that every
/// read can be checked against the first of the same pin.</remarks>
internal sealed class SwapSubject : Subject
{
    internal const int Length = 64 << 10;

    private readonly string[] _paths = new string[2];
    private readonly long _mappedBefore = MappedMemory.TotalMappedBytes;
    private long _swaps;
    private long _reads;

    internal SwapSubject()
        : base("percpu-ref")
    {
        for (int parity = 0; parity < 2; parity++)
        {
            _paths[parity] = Path.Combine(Path.GetTempPath(), $"pin-throughput-{Guid.NewGuid():N}.bin");
            File.WriteAllBytes(_paths[parity], [.. Enumerable.Range(0, Length).Select(i => ByteAt(i, parity))]);
        }
        Cell = new MappedCell<MappedFile>(Open(0));
    }

    internal override bool MayAllocate => true;

    internal MappedCell<MappedFile> Cell { get; }

    /// <summary>By the swapping thread, warming up included.</summary>
    internal void Swapped(long swaps) => _swaps += swaps;

    /// <summary>By any reading thread, warming up included.</summary>
    internal void Read(long reads) => Interlocked.Add(ref _reads, reads);

    internal static byte ByteAt(int offset, int parity) => (byte)(offset * 2 + parity);

    internal override Loop CreateLoop(int thread) => thread == 0 ? new SwapLoop(this) : new SearchLoop(this, thread);

    internal MappedFile Open(int parity) => MappedFile.Open(_paths[parity]);

    internal override void CheckBalance()
    {
        Cell.Dispose();
        Console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"swap-storm: {_swaps:N0} swaps, {Volatile.Read(ref _reads):N0} reads checked, {MappedMemory.TotalMappedBytes - _mappedBefore} bytes left mapped"));
        Check(MappedMemory.TotalMappedBytes == _mappedBefore, $"{MappedMemory.TotalMappedBytes - _mappedBefore} bytes are left mapped.");
    }

    protected override void Free()
    {
        Cell.Dispose();
        foreach (string path in _paths)
            File.Delete(path);
    }
}

/// <summary>Opens, swaps, disposes; all of it is timed.</summary>
internal sealed class SwapLoop(SwapSubject subject) : Loop
{
    private int _parity;

    internal override Tally Run(long duration)
    {
        long start = Stopwatch.GetTimestamp(), swaps = 0, elapsed;
        do
        {
            _parity ^= 1;
            MappedFile replaced = subject.Cell.Swap(subject.Open(_parity));
            if (!replaced.Reference.IsDying)
                throw new CheckFailedException("percpu-ref: a replaced file is not disposed.");
            swaps++;
            elapsed = Stopwatch.GetTimestamp() - start;
        }
        while (elapsed < duration);
        subject.Swapped(swaps);
        return new Tally(swaps, elapsed, 0);
    }
}

/// <summary>Reads random bytes of the current file, checks each, and is not counted.</summary>
internal sealed class SearchLoop(SwapSubject subject, int thread) : Loop
{
    private const int ReadsPerPin = 64;

    private uint _state = (uint)thread * 2654435761 + 1;

    internal override Tally Run(long duration)
    {
        long start = Stopwatch.GetTimestamp(), pins = 0;
        do
        {
            using MappedPin pin = subject.Cell.Pin();
            int parity = pin.ReadByte(0);
            pins++;
            for (int i = 0; i < ReadsPerPin; i++)
            {
                _state = _state * 1664525 + 1013904223;
                int offset = (int)(_state >> 8) % SwapSubject.Length;
                if (pin.ReadByte(offset) != SwapSubject.ByteAt(offset, parity))
                    throw new CheckFailedException($"percpu-ref: a wrong byte at {offset}.");
            }
        }
        while (Stopwatch.GetTimestamp() - start < duration);
        subject.Read(pins * ReadsPerPin);
        return default;
    }
}
