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

    internal static byte ByteAt(int offset, int parity) => (byte)(offset * 2 + parity);

    internal override Loop CreateLoop(int thread) => thread == 0 ? new SwapLoop(this) : new SearchLoop(this, thread);

    internal MappedFile Open(int parity) => MappedFile.Open(_paths[parity]);

    internal override void CheckBalance()
    {
        Cell.Dispose();
        Check(MappedMemory.TotalMappedBytes == _mappedBefore, $"{MappedMemory.TotalMappedBytes - _mappedBefore} bytes are left mapped.");
    }

    protected override void Free()
    {
        Cell.Dispose();
        foreach (string path in _paths)
            File.Delete(path);
    }
}
