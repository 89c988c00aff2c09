namespace Percpu.Pagemap;

/// <summary>Direct access to a disk's memory, held open until it is disposed. Belongs to one stack frame.</summary>
/// <remarks>Kernel: what <c>-&gt;direct_access</c> returns, inside <c>blk_queue_enter</c> and <c>blk_queue_exit</c>.</remarks>
public unsafe ref struct DirectMapping
{
    private RequestQueue? _queue;
    private readonly byte* _address;

    internal DirectMapping(RequestQueue queue, byte* address, long length, Pfn pfn, PfnFlags flags)
    {
        _queue = queue;
        _address = address;
        Length = length;
        Pfn = pfn;
        Flags = flags;
    }

    /// <summary>Bytes from the offset asked for to the end of the disk.</summary>
    public long Length { get; }

    /// <summary>The frame of the first byte.</summary>
    public Pfn Pfn { get; }

    /// <summary>Whether the frame has a page.</summary>
    public PfnFlags Flags { get; }

    /// <summary>The bytes, at most 2^31 - 1 of them; must not be used after disposal.</summary>
    public readonly Span<byte> Span => new(_address, (int)Math.Min(Length, int.MaxValue));

    /// <summary>Lets go. Disposing the same variable again does nothing.</summary>
    public void Dispose()
    {
        RequestQueue? queue = _queue;
        _queue = null;
        queue?.Exit();
    }
}
