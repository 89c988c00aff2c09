namespace Percpu.Pagemap;

/// <summary>A page frame number: a physical address divided by the page size of 4 KiB.</summary>
/// <param name="Value">0 to <see cref="MaxValue"/>; a larger one is in no map.</param>
/// <remarks>Kernel: <c>unsigned long pfn</c>.</remarks>
public readonly record struct Pfn(ulong Value)
{
    /// <summary>Bits of an address below the page frame number: pages of 4,096 bytes. Kernel: <c>PAGE_SHIFT</c>.</summary>
    public const int PageShift = 12;

    /// <summary>The largest frame number whose bytes have a 64-bit address: 2^52 - 1.</summary>
    public const ulong MaxValue = ulong.MaxValue >> PageShift;

    /// <summary>The physical address of the frame's first byte.</summary>
    /// <exception cref="OverflowException">The number is above <see cref="MaxValue"/>.</exception>
    /// <remarks>Kernel: <c>__pfn_to_phys</c>.</remarks>
    public ulong Address => checked(Value * (1UL << PageShift));

    /// <summary>The number in hexadecimal, also of one that has no address.</summary>
    public override string ToString() => $"pfn 0x{Value:x}";
}
