using System.Buffers;
using System.Buffers.Binary;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A disk whose sector writes are atomic over a crash: afterwards a sector is wholly old or wholly new.</summary>
/// <remarks>
/// <para>Each sector has two slots: 16 bytes of sequence number and checksum over number, sector and data, and the data.
/// A write fills the older slot, brings it to the medium, then writes its sequence and checksum. A reader takes the
/// slot with the higher sequence whose checksum holds.</para>
/// <para>Kernel: <c>drivers/nvdimm/btt.c</c> gives the same promise with a map and a log of free blocks, for less space.</para>
/// </remarks>
internal sealed unsafe class LegacyBttDisk : BlockDisk
{
    private const int HeaderSize = LegacyInfoBlock.HeaderSize, Lanes = 64;

    private readonly IByteMedium _medium;
    private readonly long _headers;
    private readonly long _data;
    private readonly long[] _lanes = NativeBlocks.AllocatePinnedWords(Lanes * 8);

    internal LegacyBttDisk(string name, RequestQueue queue, IByteMedium medium, LegacyInfoBlock info)
        : base(name, queue, info.Sectors * info.SectorSize, info.SectorSize)
    {
        _medium = medium;
        _headers = info.DataOffset;
        _data = info.DataOffset + info.Sectors * 2 * HeaderSize;
    }

    private protected override void ReadCore(long offset, Span<byte> destination)
    {
        for (; !destination.IsEmpty; destination = destination[SectorSize..], offset += SectorSize)
        {
            long sector = offset / SectorSize;
            EnterLane(sector);
            try
            {
                if (!TryReadSector(sector, destination[..SectorSize], out _, out _))
                    throw new IOException($"Sector {sector} of '{Name}' is damaged: neither copy is whole. Writing it makes it whole.");
            }
            finally
            {
                ExitLane(sector);
            }
        }
    }

    private protected override void WriteCore(long offset, ReadOnlySpan<byte> source)
    {
        byte[] old = ArrayPool<byte>.Shared.Rent(SectorSize);
        try
        {
            for (; !source.IsEmpty; source = source[SectorSize..], offset += SectorSize)
            {
                long sector = offset / SectorSize;
                EnterLane(sector);
                try
                {
                    WriteSector(sector, source[..SectorSize], old.AsSpan(0, SectorSize));
                }
                finally
                {
                    ExitLane(sector);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }

    private protected override void FlushCore() => _medium.Flush(0, _medium.Length);

    private void WriteSector(long sector, ReadOnlySpan<byte> source, Span<byte> old)
    {
        if (!TryReadSector(sector, old, out int current, out ulong sequence))
            sequence = 0; // No slot is whole, so either may be overwritten: one is whole afterwards, as after the first write.
        int slot = 1 - current;
        long at = _data + (sector * 2 + slot) * SectorSize;
        // The slot's old header no longer fits its data from here on, so that it does not count.
        _medium.Write(at, source);
        _medium.Flush(at, SectorSize);
        Span<byte> header = stackalloc byte[HeaderSize];
        BinaryPrimitives.WriteUInt64LittleEndian(header, sequence + 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], Sum(source, sector, sequence + 1));
        at = _headers + (sector * 2 + slot) * HeaderSize;
        _medium.Write(at, header);
        _medium.Flush(at, HeaderSize);
    }

    /// <summary>The newest whole slot of a sector. A sector never written is slot 1 with sequence 0 and zeros.</summary>
    /// <returns>False if neither slot is whole.</returns>
    private bool TryReadSector(long sector, Span<byte> destination, out int slot, out ulong sequence)
    {
        sequence = 0;
        Span<byte> headers = stackalloc byte[2 * HeaderSize];
        _medium.Read(_headers + sector * 2 * HeaderSize, headers);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(headers), second = BinaryPrimitives.ReadUInt64LittleEndian(headers[HeaderSize..]);
        slot = first > second ? 0 : 1;
        for (int attempt = 0; attempt < 2; attempt++, slot = 1 - slot)
        {
            ReadOnlySpan<byte> header = headers.Slice(slot * HeaderSize, HeaderSize);
            sequence = BinaryPrimitives.ReadUInt64LittleEndian(header);
            ulong sum = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
            if (sequence == 0 && sum == 0)
            {
                destination.Clear();
                return true;
            }
            _medium.Read(_data + (sector * 2 + slot) * SectorSize, destination);
            if (sum == Sum(destination, sector, sequence))
                return true;
        }
        return false;
    }

    private static ulong Sum(ReadOnlySpan<byte> data, long sector, ulong sequence) =>
        LegacyChecksum.Of(data, sequence * 0xC2B2_AE3D_27D4_EB4F + (ulong)sector);

    private long* Lane(long sector) => Pinned.Address(_lanes, (int)(sector % Lanes) * 8);

    private void EnterLane(long sector) => WordLock.Enter(Lane(sector));

    private void ExitLane(long sector) => WordLock.Exit(Lane(sector));
}
