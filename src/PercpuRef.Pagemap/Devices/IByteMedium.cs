namespace Percpu.Pagemap;

/// <summary>Bytes that survive: what a namespace gives to whoever stores its own structures there.</summary>
/// <remarks>Kernel: <c>nvdimm_io</c>'s <c>rw_bytes</c>. A write is durable only after a flush, and may be torn anywhere.</remarks>
internal interface IByteMedium
{
    long Length { get; }

    void Read(long offset, Span<byte> destination);

    void Write(long offset, ReadOnlySpan<byte> source);

    void Flush(long offset, long length);
}
