namespace Percpu.Examples.Arena;

/// <summary>A block of an arena: one count of its region. Free it once, on any thread; a copy of the value is not another
/// block.</summary>
public readonly struct ArenaBlock
{
    private readonly Region? _region;

    internal ArenaBlock(Region region, nint address, int length)
    {
        _region = region;
        Address = address;
        Length = length;
    }

    /// <summary>Its first byte.</summary>
    public nint Address { get; }

    /// <summary>Bytes that were asked for.</summary>
    public int Length { get; }

    /// <summary>Its bytes, until it is freed.</summary>
    public unsafe Span<byte> Span => new((void*)Address, Length);

    /// <summary>Frees the block. The last free of a full region recycles it.</summary>
    public void Free() => _region?.Reference.Put();
}
