using System.Buffers.Binary;
using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>A medium of any length of which only pages that were written take memory; for one thread.</summary>
internal sealed class SparseMedium(long length) : IByteMedium
{
    private const int PageSize = 4096;

    private readonly Dictionary<long, byte[]> _pages = [];
    private int _looks; // Entries loaded since anything else was done.

    public long Length => length;

    public bool IsWritable { get; set; } = true;

    /// <summary>Stores since the beginning.</summary>
    internal long Stores { get; private set; }

    /// <summary>Parts read since the beginning.</summary>
    internal int Reads { get; private set; }

    public void Prepare(long offset, long count)
    {
        if (!IsWritable)
            throw new UnauthorizedAccessException("Read-only.");
        Check(offset, count);
    }

    public void Read(long offset, Span<byte> destination)
    {
        _looks = 0;
        Reads++;
        Check(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            int skip = (int)(offset % PageSize), count = Math.Min(PageSize - skip, destination.Length);
            if (_pages.TryGetValue(offset / PageSize, out byte[]? page))
                page.AsSpan(skip, count).CopyTo(destination);
            else
                destination[..count].Clear();
            destination = destination[count..];
            offset += count;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Assert.True(IsWritable);
        Check(offset, source.Length);
        Stores++;
        _looks = 0;
        while (!source.IsEmpty)
        {
            int skip = (int)(offset % PageSize), count = Math.Min(PageSize - skip, source.Length);
            if (!_pages.TryGetValue(offset / PageSize, out byte[]? page))
                _pages.Add(offset / PageSize, page = new byte[PageSize]);
            source[..count].CopyTo(page.AsSpan(skip));
            source = source[count..];
            offset += count;
        }
    }

    public void Flush(long offset, long count) => Check(offset, count);

    public long FindData(long offset)
    {
        long page = _pages.Keys.Where(each => each >= offset / PageSize).DefaultIfEmpty(long.MaxValue / PageSize).Min();
        return Math.Min(Math.Max(page * PageSize, offset), length);
    }

    public uint LoadEntry(long offset)
    {
        int looks = _looks;
        Span<byte> bytes = stackalloc byte[4];
        Read(offset, bytes);
        Assert.True((_looks = looks + 1) < 10_000, "Somebody looks at the map for ever.");
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public void StoreEntry(long offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(offset, bytes);
    }

    public void StoreWord(long offset, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(offset, bytes);
    }

    internal SparseMedium Copy()
    {
        var copy = new SparseMedium(length);
        foreach ((long number, byte[] page) in _pages)
            copy._pages.Add(number, (byte[])page.Clone());
        return copy;
    }

    // A medium of a length answers for no byte outside it: reading one would end the process where it is mapped.
    private void Check(long offset, long count) => Assert.True(offset >= 0 && count >= 0 && offset <= length - count, $"{count} bytes at {offset} of {length}.");
}
