using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>The accessor's call: one value, pinned inside.</summary>
internal sealed class PercpuValueSubject(DataFile data, int window) : Subject("percpu-value")
{
    private readonly MappedFile _file = MappedFile.Open(data.Path);

    internal override Loop CreateLoop(int thread) => new ReadLoop<Reader>(new Reader(_file), thread, window);

    internal override void CheckBalance() => PinBalance.Check(_file, Check);

    protected override void Free() => _file.Dispose();

    private readonly struct Reader(MappedFile file) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => file.ReadByte(position);
    }
}
