using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>Notes what room was asked for, what was stored and what was flushed, and refuses room where a test wants it.</summary>
internal sealed class RoomMedium(long length) : IByteMedium
{
    private readonly SparseMedium _bytes = new(length);

    /// <summary>What was asked for, and what was stored, in order.</summary>
    internal List<(bool IsStore, long Offset, long Length)> Steps { get; } = [];

    /// <summary>What was brought to the medium, in order.</summary>
    internal List<(long Offset, long Length)> Flushes { get; } = [];

    /// <summary>Called before each load of an entry of the map.</summary>
    internal Action? OnLook { get; set; }

    /// <summary>How many are still given room; -1 for all.</summary>
    internal int RefuseAfter { get; set; } = -1;

    public long Length => _bytes.Length;

    public bool IsWritable => true;

    public void Prepare(long offset, long count)
    {
        if (RefuseAfter-- == 0)
            throw new DiskFullException("No room.");
        RefuseAfter = Math.Max(RefuseAfter, -1);
        Steps.Add((false, offset, count));
    }

    public void Read(long offset, Span<byte> destination) => _bytes.Read(offset, destination);

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Steps.Add((true, offset, source.Length));
        _bytes.Write(offset, source);
    }

    public void Flush(long offset, long count)
    {
        Flushes.Add((offset, count));
        _bytes.Flush(offset, count);
    }

    /// <summary>How often an entry of the map was loaded.</summary>
    internal int Looks { get; set; }

    public long FindData(long offset) => offset;

    public uint LoadEntry(long offset)
    {
        Assert.True(Looks++ < 1000, "It looks at the map for ever.");
        OnLook?.Invoke();
        return _bytes.LoadEntry(offset);
    }

    public void StoreEntry(long offset, uint value)
    {
        Steps.Add((true, offset, sizeof(uint)));
        _bytes.StoreEntry(offset, value);
    }

    public void StoreWord(long offset, ulong value)
    {
        Steps.Add((true, offset, sizeof(ulong)));
        _bytes.StoreWord(offset, value);
    }
}
