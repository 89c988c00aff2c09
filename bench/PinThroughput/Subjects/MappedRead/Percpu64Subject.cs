using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>A pin for every 64 reads: what an engine does that reads a record.</summary>
internal sealed class Percpu64Subject(DataFile data, int window) : Subject("percpu-ref-64")
{
    private const int ReadsPerPin = 64;

    private readonly MappedFile _file = MappedFile.Open(data.Path);

    internal override Loop CreateLoop(int thread) => new PinnedLoop(_file, thread, window);

    internal override void CheckBalance() => PinBalance.Check(_file, Check);

    protected override void Free() => _file.Dispose();

    private sealed class PinnedLoop(MappedFile file, int thread, int window) : PositionLoop(thread, window)
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long RunChunk(int chunk)
        {
            MappedFile local = file;
            Positions positions = PositionsOf(chunk);
            long sum = 0;
            for (int i = 0; i < Operations / ReadsPerPin; i++)
            {
                if (!local.TryPin(out MappedPin pin))
                    return -1;
                using (pin)
                {
                    ReadOnlySpan<byte> bytes = pin.ReadOnlySpan;
                    for (int read = 0; read < ReadsPerPin; read++)
                        sum += bytes[positions.Next()];
                }
            }
            return sum;
        }
    }
}
