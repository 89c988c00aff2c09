using System.Buffers.Binary;
using Percpu.Interleavings.Running;
using Percpu.Memory;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A small btt whose map, and the first and last word of whose blocks, are words of the model; the rest is plain
/// memory that only its owner touches.</summary>
internal sealed unsafe class BttMedium : IByteMedium
{
    internal const int SectorSize = 512;

    private readonly Stage _stage;
    private readonly byte[] _plain;
    private readonly SortedDictionary<long, nint> _words = [];
    private readonly BttInfo _info;
    private List<long>? _late; // What a late reader has found; null while nobody reads late.

    internal BttMedium(Stage stage, uint sectors, uint lanes)
    {
        _stage = stage;
        _info = new BttInfo
        {
            Uuid = default, Parent = default, SectorSize = SectorSize, InternalSize = SectorSize,
            Sectors = sectors, Blocks = sectors + lanes, Free = lanes, Map = 8192, Log = 12288, Copy = 16384,
        };
        _plain = new byte[_info.End];
        for (uint block = 0; block < _info.Blocks; block++)
        {
            _words.Add(_info.DataAt(block), (nint)stage.Word($"block {block}, first"));
            _words.Add(_info.DataAt(block) + SectorSize - 8, (nint)stage.Word($"block {block}, last"));
        }
        for (uint sector = 0; sector < sectors; sector += 2)
            _words.Add(_info.MapEntryAt(sector), (nint)stage.Word($"map of {sector} and {sector + 1}"));
        BttFormat.Write(this, 0, [_info], asPool: false);
        Arena = Open();
    }

    public long Length => _plain.Length;

    public bool IsWritable => true;

    internal BttArena Arena { get; }

    /// <summary>A sector of one value.</summary>
    internal static byte[] Sector(long value)
    {
        byte[] sector = new byte[SectorSize];
        BinaryPrimitives.WriteInt64LittleEndian(sector, value);
        BinaryPrimitives.WriteInt64LittleEndian(sector.AsSpan(SectorSize - 8), value);
        return sector;
    }

    /// <summary>The value of a sector that is whole; -1 of one that is torn.</summary>
    internal static long ValueOf(ReadOnlySpan<byte> sector)
    {
        long first = BinaryPrimitives.ReadInt64LittleEndian(sector), last = BinaryPrimitives.ReadInt64LittleEndian(sector[(SectorSize - 8)..]);
        return first == last ? first : -1;
    }

    internal long Read(uint sector)
    {
        byte[] bytes = new byte[SectorSize];
        Arena.Read(sector, bytes);
        return ValueOf(bytes);
    }

    /// <summary>Reads a sector as a reader does that waits for no value: the machine reads each word of the block when it likes, but before
    /// what is released after it. One thread only.</summary>
    internal void ReadLate(uint sector)
    {
        _late = [];
        Arena.Read(sector, new byte[SectorSize]);
        _late = null;
    }

    /// <summary>The first fault of the structure, or nothing.</summary>
    internal string Fault()
    {
        var report = new MediumReport();
        new BttCheck(this, 0, _info, report).Run(null);
        return report.IsSound ? "" : report.Faults[0].Message;
    }

    /// <summary>Takes the memory away.</summary>
    internal void Free()
    {
        foreach (nint word in _words.Values)
            NativeBlocks.Free((void*)word);
    }

    public void Prepare(long offset, long length)
    {
    }

    public void Read(long offset, Span<byte> destination)
    {
        if (_late is { } found && offset < _info.Map && offset >= _info.Data)
        {
            UseLate(offset, found);
            return;
        }
        _plain.AsSpan((int)offset, destination.Length).CopyTo(destination);
        Span<byte> bytes = stackalloc byte[8];
        foreach ((long at, nint word) in _words)
        {
            if (at < offset || at >= offset + destination.Length)
                continue;
            BinaryPrimitives.WriteInt64LittleEndian(bytes, Atomic.LoadAcquire((long*)word));
            Span<byte> rest = destination[(int)(at - offset)..]; // The end of the map may be half a word.
            bytes[..Math.Min(8, rest.Length)].CopyTo(rest);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        source.CopyTo(_plain.AsSpan((int)offset));
        foreach ((long at, nint word) in _words)
        {
            if (at >= offset && at + 8 <= offset + source.Length)
                Atomic.StoreRelease((long*)word, BinaryPrimitives.ReadInt64LittleEndian(source[(int)(at - offset)..]));
        }
    }

    public void Flush(long offset, long length)
    {
    }

    public long FindData(long offset) => offset;

    public uint LoadEntry(long offset) => (uint)(Atomic.LoadAcquire((long*)_words[offset & -8]) >> (int)(offset & 4) * 8);

    public void StoreEntry(long offset, uint value)
    {
        long* word = (long*)_words[offset & -8];
        int shift = (int)(offset & 4) * 8;
        for (long found = Atomic.LoadAcquire(word); ;)
        {
            long before = Atomic.CompareExchange(word, (found & ~((long)uint.MaxValue << shift)) | (long)value << shift, found);
            if (before == found)
                return;
            found = before;
        }
    }

    public void StoreWord(long offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_plain.AsSpan((int)offset), value);

    private void UseLate(long offset, List<long> found)
    {
        foreach ((long at, nint word) in _words)
        {
            if (at < offset || at >= offset + SectorSize)
                continue;
            _stage.Use((long*)word, value =>
            {
                found.Add(value);
                return value == found[0];
            }, "The first and the last word of a sector are of two writes.");
        }
    }

    private BttArena Open()
    {
        var check = new BttCheck(this, 0, _info, new MediumReport());
        check.Run(null);
        return new BttArena(this, 0, _info, check, isPool: false, readOnly: null);
    }
}
