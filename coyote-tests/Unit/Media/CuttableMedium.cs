using System.Buffers.Binary;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Loses power after a number of steps (a word stored, or a flush); words not flushed survive by chance.</summary>
internal sealed class CuttableMedium(int length) : IByteMedium
{
    private readonly byte[] _durable = new byte[length];
    private readonly byte[] _seen = new byte[length];
    private int _looks; // Entries loaded since anything else was done.

    internal int Budget { get; set; } = int.MaxValue;

    public long Length => _seen.Length;

    public bool IsWritable => true;

    internal byte[] Bytes => _seen;

    public void Prepare(long offset, long count)
    {
    }

    public long FindData(long offset) => offset;

    public uint LoadEntry(long offset)
    {
        Assert.True(_looks++ < 10_000, "Somebody looks at the map for ever.");
        return BinaryPrimitives.ReadUInt32LittleEndian(_seen.AsSpan((int)offset));
    }

    public void StoreEntry(long offset, uint value)
    {
        Assert.Equal(0, offset % sizeof(uint));
        Step();
        BinaryPrimitives.WriteUInt32LittleEndian(_seen.AsSpan((int)offset), value);
    }

    public void StoreWord(long offset, ulong value)
    {
        Assert.Equal(0, offset % sizeof(ulong));
        Step();
        BinaryPrimitives.WriteUInt64LittleEndian(_seen.AsSpan((int)offset), value);
    }

    public void Read(long offset, Span<byte> destination)
    {
        _looks = 0;
        _seen.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < source.Length; i += 8)
        {
            Step();
            int bytes = Math.Min(8, source.Length - i);
            source.Slice(i, bytes).CopyTo(_seen.AsSpan((int)offset + i));
        }
    }

    public void Flush(long offset, long length)
    {
        Step();
        _seen.AsSpan((int)offset, (int)length).CopyTo(_durable.AsSpan((int)offset));
    }

    /// <param name="random">Decides word by word.</param>
    /// <param name="loss">0: no unflushed word survives; 3: all do.</param>
    internal CuttableMedium AfterCut(Random random, int loss)
    {
        var after = new CuttableMedium(_seen.Length);
        for (int i = 0; i < _seen.Length; i += 8)
        {
            byte[] from = loss == 3 || (loss > 0 && random.Next(2) == 0) ? _seen : _durable;
            from.AsSpan(i, 8).CopyTo(after._seen.AsSpan(i));
        }
        after._seen.CopyTo(after._durable, 0);
        return after;
    }

    private void Step()
    {
        _looks = 0;
        if (Budget-- <= 0)
            throw new PowerCutException();
    }

    internal sealed class PowerCutException : Exception;
}
