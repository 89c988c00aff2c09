using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Swap;

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
