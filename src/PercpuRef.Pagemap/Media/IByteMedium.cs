namespace Percpu.Pagemap;

/// <summary>Bytes that survive: what a namespace gives to whoever stores its own structures there.</summary>
/// <remarks>Kernel: <c>nvdimm_io</c>'s <c>rw_bytes</c>. A write is durable only after a flush, and may be torn anywhere but
/// inside a word of 8 bytes. No member checks its offset: whoever calls has checked what he read from the medium.</remarks>
internal interface IByteMedium
{
    long Length { get; }

    bool IsWritable { get; }

    /// <summary>Makes sure that stores to a part cannot fail.</summary>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="DiskFullException">The disk under the medium is full.</exception>
    void Prepare(long offset, long length);

    void Read(long offset, Span<byte> destination);

    void Write(long offset, ReadOnlySpan<byte> source);

    void Flush(long offset, long length);

    /// <summary>Where at or behind an offset the first byte may stand that is not zero: what lies before it was never written, so whoever
    /// searches a large part need not read it. At most the length; the offset itself where the medium cannot tell.</summary>
    long FindData(long offset);

    /// <summary>A number of 4 bytes that others may be changing, at a multiple of 4: load-acquire.</summary>
    uint LoadEntry(long offset);

    /// <summary>Stores a number of 4 bytes, whatever happens to its neighbours meanwhile: a full fence.</summary>
    void StoreEntry(long offset, uint value);

    /// <summary>Stores 8 bytes at a multiple of 8 such that all of them or none are on the medium afterwards.</summary>
    void StoreWord(long offset, ulong value);
}
