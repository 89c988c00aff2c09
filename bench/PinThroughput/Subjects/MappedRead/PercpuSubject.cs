using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>A pin for every read: taken and disposed of by the caller, or inside the accessor's call.</summary>
internal sealed class PercpuSubject(DataFile data, int window, bool ofValue) : Subject(ofValue ? "percpu-value" : "percpu-ref")
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
