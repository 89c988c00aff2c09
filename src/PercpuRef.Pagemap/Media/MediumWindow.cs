namespace Percpu.Pagemap;

/// <summary>A part of a medium, as a medium of its own.</summary>
internal sealed class MediumWindow(IByteMedium medium, long start, long length) : IByteMedium
{
    public long Length => length;

    public bool IsWritable => medium.IsWritable;

    public void Prepare(long offset, long count) => medium.Prepare(start + offset, count);

    public void Read(long offset, Span<byte> destination) => medium.Read(start + offset, destination);

    public void Write(long offset, ReadOnlySpan<byte> source) => medium.Write(start + offset, source);

    public void Flush(long offset, long count) => medium.Flush(start + offset, count);

    public long FindData(long offset) => Math.Min(medium.FindData(start + offset) - start, length);

    public uint LoadEntry(long offset) => medium.LoadEntry(start + offset);

    public void StoreEntry(long offset, uint value) => medium.StoreEntry(start + offset, value);

    public void StoreWord(long offset, ulong value) => medium.StoreWord(start + offset, value);
}
