using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Subjects.Scan;

/// <summary>A pin for every byte: the accessor's call, with this library's file.</summary>
internal sealed class PercpuSubject(ScanFile scan) : Subject("percpu-ref")
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
