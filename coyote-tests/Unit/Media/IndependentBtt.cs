namespace Percpu.Unit.Media;

/// <summary>
/// A reader and checker of btts that shares nothing with the library: written from the tables of the format alone, the
/// simplest way, for small media. What it finds wrong it throws.
/// </summary>
internal sealed class IndependentBtt
{
    private readonly byte[] _bytes;
    private readonly long _start;
    private readonly bool _zeroUnwritten;
    private readonly Dictionary<uint, uint> _finished = []; // Interrupted writes.

    internal IndependentBtt(byte[] bytes, long start, bool zeroUnwritten = false)
    {
        _bytes = bytes;
        _start = start;
        _zeroUnwritten = zeroUnwritten;
        Require(Enumerable.Range(0, 14).All(i => bytes[start + i] == "BTT_ARENA_INFO"[i]), "signature");
        Require(Number(start + 4088) == Sum(start) && Number(start + 4092) == High(start), "checksum");
        for (int i = 0; i < 4096; i++)
            Require(bytes[start + i] == bytes[start + Offset(112) + i], "copy");
        SectorSize = (int)Number(start + 56);
        Sectors = Number(start + 60);
        Walk();
    }

    internal int SectorSize { get; }

    internal uint Sectors { get; }

    /// <summary>A sector; null if it is in error.</summary>
    internal byte[]? Read(uint sector)
    {
        uint entry = Entry(sector), state = entry >> 30;
        if (state == 1)
            return null;
        byte[] data = new byte[SectorSize];
        if (state == 2 || (entry == 0 && _zeroUnwritten))
            return data;
        uint block = state == 0 ? sector : entry & 0x3FFFFFFF;
        Array.Copy(_bytes, _start + Offset(88) + (long)block * Number(_start + 64), data, 0, SectorSize);
        return data;
    }

    /// <summary>Log and map: each block exactly once.</summary>
    private void Walk()
    {
        uint free = Number(_start + 72), blocks = Number(_start + 68);
        bool old = Enumerable.Range(0, (int)free).Any(lane => Number(_start + Offset(104) + lane * 64 + 32 + 12) != 0);
        var owners = new int[blocks];
        var lanes = new List<uint>();
        for (int lane = 0; lane < free; lane++)
        {
            long first = _start + Offset(104) + lane * 64, second = first + (old ? 32 : 16);
            uint a = Number(first + 12), b = Number(second + 12);
            Require(a <= 3 && b <= 3 && a != b, $"lane {lane}: {a} and {b}");
            // 0 is older than all; 1, 2, 3 go round.
            long newer = (a, b) is (0, _) or (1, 2) or (2, 3) or (3, 1) ? second : first;
            uint sector = Number(newer), from = Number(newer + 4) & 0x3FFFFFFF, to = Number(newer + 8) & 0x3FFFFFFF;
            if (from != to && Block(sector) == from)
                _finished.Add(sector, to | 0xC0000000);
            lanes.Add(from);
        }
        for (uint sector = 0; sector < Sectors; sector++)
            owners[Block(sector)]++;
        foreach (uint block in lanes)
            owners[block]++;
        for (int block = 0; block < blocks; block++)
            Require(owners[block] == 1, $"block {block} belongs to {owners[block]}");
    }

    private uint Block(uint sector) => Entry(sector) >> 30 == 0 ? sector : Entry(sector) & 0x3FFFFFFF;

    private uint Entry(uint sector) => _finished.TryGetValue(sector, out uint entry) ? entry : Number(_start + Offset(96) + sector * 4L);

    private uint Sum(long at) => Fletcher(at).Low;

    private uint High(long at) => Fletcher(at).High;

    private (uint Low, uint High) Fletcher(long at)
    {
        ulong low = 0, high = 0;
        for (int i = 0; i < 4096; i += 4)
        {
            low = (low + (i >= 4088 ? 0 : Number(at + i))) % (1UL << 32);
            high = (high + low) % (1UL << 32);
        }
        return ((uint)low, (uint)high);
    }

    private long Offset(int field) => (long)(Number(_start + field) | (ulong)Number(_start + field + 4) << 32);

    private uint Number(long at) => (uint)(_bytes[at] | _bytes[at + 1] << 8 | _bytes[at + 2] << 16 | _bytes[at + 3] << 24);

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new InvalidDataException(what);
    }
}
