using System.Buffers.Binary;

namespace Percpu.Pagemap;

/// <summary>One of the two index blocks of a label area: which slots are free, under a sequence number.</summary>
/// <remarks>UEFI: <c>EFI_NVDIMM_LABEL_INDEX_BLOCK</c>. Kernel: <c>struct nd_namespace_index</c>. Of two, the one whose number
/// follows the other's counts; a change is written to the other.</remarks>
internal sealed class LabelIndex
{
    /// <summary>The smallest area: what QEMU and the UEFI specification ask for.</summary>
    internal const int SmallestArea = 128 << 10;

    /// <summary>The largest block that is read: that of an area of 16 MiB.</summary>
    internal const int LargestSize = 65 * Unit;

    /// <summary>Why a block does not count where none is.</summary>
    internal const string NoSignature = "it has no signature";

    private const int Unit = 256, ChecksumAt = 64, BitmapAt = 72;

    // A label area at a file's end is looked for where it would leave whole granules before it, and at each multiple of 64 KiB.
    private const int Step = 64 << 10, LargestSearched = 16 << 20;

    private readonly byte[] _bitmap;

    private LabelIndex(int minor, uint sequence, int size, uint slots, byte[] bitmap)
    {
        Minor = minor;
        Sequence = sequence;
        Size = size;
        Slots = slots;
        _bitmap = bitmap;
    }

    /// <summary>1 or 2: labels 1.1 or 1.2.</summary>
    internal int Minor { get; }

    internal uint Sequence { get; private set; }

    /// <summary>Bytes of one of the two blocks.</summary>
    internal int Size { get; }

    internal uint Slots { get; }

    internal int LabelSize => SizeOf(Minor);

    private static ReadOnlySpan<byte> Signature => "NAMESPACE_INDEX\0"u8;

    internal bool IsFree(uint slot) => (_bitmap[slot >> 3] & 1 << (int)(slot & 7)) != 0;

    internal void SetFree(uint slot, bool free)
    {
        byte bit = (byte)(1 << (int)(slot & 7));
        _bitmap[slot >> 3] = (byte)(free ? _bitmap[slot >> 3] | bit : _bitmap[slot >> 3] & ~bit);
    }

    internal long LabelAt(uint slot) => 2L * Size + (long)slot * LabelSize;

    /// <summary>The index of an area without labels.</summary>
    internal static LabelIndex Create(long areaSize, int minor, uint sequence)
    {
        int size = BlockSize(areaSize, minor);
        uint slots = SlotsIn(areaSize, size, minor);
        byte[] bitmap = new byte[BitmapSize(slots)];
        Array.Fill(bitmap, (byte)0xFF);
        return new LabelIndex(minor, sequence, size, slots, bitmap);
    }

    /// <summary>Reads one of the two blocks; null with the reason if it does not count.</summary>
    /// <param name="area">The label area.</param>
    /// <param name="at">0, or where the second stands.</param>
    /// <param name="fault">Why it does not count.</param>
    internal static LabelIndex? Read(IByteMedium area, long at, out string fault)
    {
        Span<byte> head = stackalloc byte[BitmapAt];
        fault = "it is cut off";
        if (at > area.Length - Unit)
            return null;
        area.Read(at, head);
        fault = NoSignature;
        if (!head.StartsWith(Signature))
            return null;
        long own = BinaryPrimitives.ReadInt64LittleEndian(head[24..]), size = BinaryPrimitives.ReadInt64LittleEndian(head[32..]);
        long other = BinaryPrimitives.ReadInt64LittleEndian(head[40..]), labels = BinaryPrimitives.ReadInt64LittleEndian(head[48..]);
        uint slots = BinaryPrimitives.ReadUInt32LittleEndian(head[56..]), sequence = BinaryPrimitives.ReadUInt32LittleEndian(head[20..]);
        int minor = BinaryPrimitives.ReadUInt16LittleEndian(head[62..]);
        fault = $"it says it has {size} bytes";
        if (size < Unit || size % Unit != 0 || size > (area.Length - at) / 2 || size > LargestSize)
            return null;
        Span<byte> block = stackalloc byte[(int)size]; // At most 16,640 bytes.
        area.Read(at, block);
        fault = "its checksum is wrong";
        if (!Fletcher64.Holds(block, ChecksumAt))
            return null;
        fault = $"it has version {BinaryPrimitives.ReadUInt16LittleEndian(head[60..])}.{minor}";
        if (BinaryPrimitives.ReadUInt16LittleEndian(head[60..]) != 1 || minor is not (1 or 2))
            return null;
        fault = $"it stands at {at} and says {own}, the other at {other}, labels of {Unit / 2 << head[19]} bytes at {labels}, {slots} slots, sequence {sequence}";
        if (own != at || other != (at == 0 ? size : 0) || labels != 2 * size || head[19] != minor - 1 || sequence is 0 or > 3
            || slots == 0 || slots > (area.Length - labels) / SizeOf(minor) || BitmapAt + BitmapSize(slots) > size)
            return null;
        return new LabelIndex(minor, sequence, (int)size, slots, block.Slice(BitmapAt, BitmapSize(slots)).ToArray());
    }

    /// <summary>Writes the block that does not count at present, with the next number, so that it counts from now on.</summary>
    /// <param name="area">The label area.</param>
    /// <param name="at">Where that block stands.</param>
    internal void WriteNext(IByteMedium area, long at)
    {
        Sequence = BttLane.Next(Sequence);
        Write(area, at);
    }

    internal void Write(IByteMedium area, long at)
    {
        Span<byte> block = stackalloc byte[Size];
        block.Clear();
        Signature.CopyTo(block);
        block[19] = (byte)(Minor - 1);
        BinaryPrimitives.WriteUInt32LittleEndian(block[20..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(block[24..], at);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(block[40..], at == 0 ? Size : 0);
        BinaryPrimitives.WriteInt64LittleEndian(block[48..], 2 * Size);
        BinaryPrimitives.WriteUInt32LittleEndian(block[56..], Slots);
        BinaryPrimitives.WriteUInt16LittleEndian(block[60..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(block[62..], (ushort)Minor);
        _bitmap.CopyTo(block[BitmapAt..]);
        Fletcher64.Store(block, ChecksumAt);
        BttFormat.Put(area, at, block);
    }

    /// <summary>The size of the label area at the end of a medium; 0 if there is none.</summary>
    internal static long FindArea(IByteMedium medium)
    {
        long largest = Math.Min(LargestSearched, medium.Length - 1);
        // Of a larger one, all that would be looked at lies in a hole.
        largest = Math.Min(largest, medium.Length - medium.FindData(medium.Length - largest) + LargestSize + Unit);
        for (long size = medium.Length % PfnInfo.Granule; size <= largest; size += PfnInfo.Granule)
        {
            if (size >= SmallestArea && IsArea(medium, size))
                return size;
        }
        for (long size = SmallestArea; size <= largest; size += Step)
        {
            if ((medium.Length - size) % PfnInfo.Granule != 0 && IsArea(medium, size))
                return size;
        }
        return 0;
    }

    private static bool IsArea(IByteMedium medium, long size)
    {
        var area = new MediumWindow(medium, medium.Length - size, size);
        bool isMarked = HasSignature(area, 0), isSecondMarked = false;
        if (isMarked && Read(area, 0, out _) is { } first)
            return first.Slots == SlotsIn(size, first.Size, first.Minor);
        // The first may be damaged, and the second, which stands behind it, still says where it is.
        for (int minor = 1; minor <= 2; minor++)
        {
            if (Read(area, BlockSize(size, minor), out _) is { } second && second.Slots == SlotsIn(size, second.Size, second.Minor))
                return true;
            isSecondMarked |= isMarked && HasSignature(area, BlockSize(size, minor));
        }
        return isSecondMarked; // Both damaged: whoever opens it is told so.
    }

    private static bool HasSignature(MediumWindow area, long at)
    {
        Span<byte> signature = stackalloc byte[Signature.Length];
        area.Read(at, signature);
        return signature.SequenceEqual(Signature);
    }

    /// <summary>Of one index block of an area.</summary>
    internal static int BlockSize(long areaSize, int minor)
    {
        int size = Unit;
        while (BitmapAt + BitmapSize(SlotsIn(areaSize, size, minor)) > size)
            size += Unit;
        return size;
    }

    private static int SizeOf(int minor) => minor == 1 ? 128 : 256;

    private static uint SlotsIn(long areaSize, int size, int minor) => (uint)((areaSize - 2L * size) / SizeOf(minor));

    // Whole words of 8 bytes: the bits behind the last slot are set.
    private static int BitmapSize(uint slots) => (int)((slots + 63) / 64 * 8);
}
