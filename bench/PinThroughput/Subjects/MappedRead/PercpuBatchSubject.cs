using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>A pin for so many reads, a divisor of the operations of a chunk.</summary>
internal sealed class PercpuBatchSubject(DataFile data, int window, int batch) : Subject("percpu-ref")
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
            Positions positions = PositionsOf(chunk);
            long sum = 0;
            for (int i = 0; i < Operations / batch; i++)
            {
                if (!local.TryPin(out MappedPin pin))
                    return -1;
                using (pin)
                {
                    ReadOnlySpan<byte> bytes = pin.ReadOnlySpan;
                    for (int read = 0; read < batch; read++)
                        sum += bytes[positions.Next()];
                }
            }
            return sum;
        }
    }
}
