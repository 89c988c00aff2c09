using System.Buffers.Binary;
using System.Text;

namespace Percpu.Pagemap;

/// <summary>A label: one namespace, or a part of one.</summary>
/// <remarks>UEFI: <c>EFI_NVDIMM_LABEL</c>. Kernel: <c>struct nd_namespace_label</c>.</remarks>
internal sealed record NamespaceLabel
{
    internal const int NameLength = 64;

    private const int ChecksumAt = 248;
    private const uint UpdatingFlag = 8;

    private static readonly Guid PersistentMemory = new("66f0d379-b4f3-4074-ac43-0d3318b78cdb");
    private static readonly Guid BttClaim = new("18633bfc-1735-4217-8ac9-17239282d3f8");
    private static readonly Guid PfnClaim = new("266400ba-fb9f-4677-bcb0-968f11d0d225");
    private static readonly Guid DaxClaim = new("97a86d9c-3cdd-4eda-986f-5068b4f80088");

    internal required Guid Uuid { get; init; }

    internal string Name { get; init; } = "";

    internal uint Flags { get; init; }

    /// <summary>Labels that make up the namespace: more than one where memory of several DIMMs is interleaved.</summary>
    internal ushort Parts { get; init; } = 1;

    internal ushort Position { get; init; }

    internal ulong SetCookie { get; init; }

    internal ulong SectorSize { get; init; } = 512;

    /// <summary>Where the namespace begins on the DIMM.</summary>
    internal required ulong Address { get; init; }

    internal required ulong Size { get; init; }

    internal required uint Slot { get; init; }

    /// <summary>Of a label 1.2.</summary>
    internal Guid Type { get; init; } = PersistentMemory;

    internal Guid Abstraction { get; init; }

    internal bool IsUpdating => (Flags & UpdatingFlag) != 0;

    internal bool IsPersistentMemory => Type == PersistentMemory;

    /// <summary>What the namespace must hold; null where the label does not say.</summary>
    internal NamespaceMode? Claim =>
        Abstraction == BttClaim ? NamespaceMode.Btt : Abstraction == PfnClaim ? NamespaceMode.Pfn : Abstraction == DaxClaim ? NamespaceMode.Dax : null;

    internal static Guid ClaimOf(NamespaceMode mode) => mode switch
    {
        NamespaceMode.Btt => BttClaim,
        NamespaceMode.Pfn => PfnClaim,
        NamespaceMode.Dax => DaxClaim,
        _ => Guid.Empty,
    };

    /// <summary>Reads a label; null if its checksum is wrong.</summary>
    /// <param name="bytes">128 of a label 1.1, 256 of a label 1.2.</param>
    /// <param name="minor">1 or 2.</param>
    internal static NamespaceLabel? Read(ReadOnlySpan<byte> bytes, int minor)
    {
        if (minor == 2 && !Fletcher64.Holds(bytes, ChecksumAt))
            return null;
        ReadOnlySpan<byte> name = bytes.Slice(16, NameLength);
        int end = name.IndexOf((byte)0);
        return new NamespaceLabel
        {
            Uuid = new Guid(bytes[..16], bigEndian: true),
            Name = Encoding.UTF8.GetString(end < 0 ? name : name[..end]),
            Flags = BinaryPrimitives.ReadUInt32LittleEndian(bytes[80..]),
            Parts = BinaryPrimitives.ReadUInt16LittleEndian(bytes[84..]),
            Position = BinaryPrimitives.ReadUInt16LittleEndian(bytes[86..]),
            SetCookie = BinaryPrimitives.ReadUInt64LittleEndian(bytes[88..]),
            SectorSize = BinaryPrimitives.ReadUInt64LittleEndian(bytes[96..]),
            Address = BinaryPrimitives.ReadUInt64LittleEndian(bytes[104..]),
            Size = BinaryPrimitives.ReadUInt64LittleEndian(bytes[112..]),
            Slot = BinaryPrimitives.ReadUInt32LittleEndian(bytes[120..]),
            Type = minor == 1 ? PersistentMemory : new Guid(bytes.Slice(128, 16)),
            Abstraction = minor == 1 ? Guid.Empty : new Guid(bytes.Slice(144, 16)),
        };
    }

    internal void Write(Span<byte> bytes, int minor)
    {
        bytes.Clear();
        Uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(Name, bytes.Slice(16, NameLength));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[80..], Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[84..], Parts);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[86..], Position);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[88..], SetCookie);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[96..], SectorSize);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[104..], Address);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[112..], Size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[120..], Slot);
        if (minor == 1)
            return;
        Type.TryWriteBytes(bytes[128..]);
        Abstraction.TryWriteBytes(bytes[144..]);
        Fletcher64.Store(bytes, ChecksumAt);
    }
}
