namespace Percpu.Buffers;

/// <summary>Settings of a <see cref="SlabPool"/>.</summary>
public sealed class SlabPoolOptions
{
    /// <summary>Bytes of a block, the largest buffer that can be rented. A multiple of 64, at least 64; default 4,096.</summary>
    public int BlockSize { get; init; } = 4096;

    /// <summary>Blocks that are taken from the operating system at once: 1 to 65,536, default 256.</summary>
    public int BlocksPerSlab { get; init; } = 256;
}
