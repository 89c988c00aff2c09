using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Subjects.Scan;

/// <summary>A pin for a scope of 16,384 bytes, and a range check for every byte.</summary>
internal sealed class PercpuReaderSubject(ScanFile scan) : Subject("percpu-reader")
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
