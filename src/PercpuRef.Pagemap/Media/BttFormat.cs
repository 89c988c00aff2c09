using System.Buffers.Binary;

namespace Percpu.Pagemap;

/// <summary>Makes a btt.</summary>
/// <remarks>Kernel: <c>btt_meta_init</c>.</remarks>
internal static class BttFormat
{
    private const int Chunk = 4096;

    /// <summary>Lays out the arenas of a btt: each as large as possible. What is too short for one more stays unused.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The medium is too small.</exception>
    internal static List<BttInfo> Plan(IByteMedium medium, long start, int sectorSize, int rounding, Guid uuid, Guid parent)
    {
        if (!BttInfo.Fits(medium.Length - start, (uint)sectorSize, rounding))
            throw new ArgumentOutOfRangeException(nameof(medium), medium.Length, $"Too small: a btt needs {start} bytes and an arena of {BttInfo.SmallestArena} for sectors of {sectorSize}.");
        var infos = new List<BttInfo>();
        for (long at = start; BttInfo.ArenaSize(medium.Length - at) is var size and > 0; at += size)
        {
            BttInfo info = BttInfo.Create(size, sectorSize, rounding, uuid, parent);
            if (start == 0)
                info = info with { Major = 2, Minor = 0 };
            bool isLast = BttInfo.ArenaSize(medium.Length - at - size) == 0;
            infos.Add(isLast ? info : info with { Next = size });
        }
        return infos;
    }

    /// <summary>Writes maps, logs and copies, and the info blocks last and backwards: before the first is there, so is
    /// everything it leads to.</summary>
    internal static void Write(IByteMedium medium, long start, List<BttInfo> infos, bool asPool)
    {
        Span<byte> block = stackalloc byte[BttInfo.BlockSize];
        long end = start;
        foreach (BttInfo info in infos)
        {
            Clear(medium, end + info.Map, info.Copy - info.Map);
            WriteLog(medium, end, info, asPool);
            end += info.End;
        }
        for (int i = infos.Count - 1; i >= 0; i--)
        {
            end -= infos[i].End;
            infos[i].Write(block);
            Put(medium, end + infos[i].Copy, block);
            Put(medium, end, block);
        }
    }

    /// <summary>Writes zeros where there are none, so that a sparse file stays sparse, and brings them to the medium.</summary>
    internal static void Clear(IByteMedium medium, long offset, long length)
    {
        Span<byte> chunk = stackalloc byte[Chunk];
        for (long at = offset; at < offset + length; at += Chunk)
        {
            Span<byte> part = chunk[..(int)Math.Min(Chunk, offset + length - at)];
            medium.Read(at, part);
            if (part.IndexOfAnyExcept((byte)0) < 0)
                continue;
            part.Clear();
            medium.Prepare(at, part.Length);
            medium.Write(at, part);
        }
        medium.Flush(offset, length);
    }

    internal static void Put(IByteMedium medium, long offset, ReadOnlySpan<byte> block)
    {
        medium.Prepare(offset, block.Length);
        medium.Write(offset, block);
        medium.Flush(offset, block.Length);
    }

    private static void WriteLog(IByteMedium medium, long start, BttInfo info, bool asPool)
    {
        Span<byte> log = stackalloc byte[BttInfo.LogEntrySize];
        for (uint lane = 0; lane < info.Free; lane++)
        {
            uint free = info.Sectors + lane;
            log.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(log, lane);
            BinaryPrimitives.WriteUInt32LittleEndian(log[4..], asPool ? free | BttInfo.Zeroed : free);
            BinaryPrimitives.WriteUInt32LittleEndian(log[8..], asPool ? free | BttInfo.Zeroed : free);
            BinaryPrimitives.WriteUInt32LittleEndian(log[12..], 1);
            medium.Prepare(start + info.LogAt(lane), log.Length);
            medium.Write(start + info.LogAt(lane), log);
        }
        medium.Flush(start + info.Log, (long)info.Free * BttInfo.LogEntrySize);
    }
}
