using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Btt;

/// <summary>Reads and writes one sector. Implemented by structs, so that the loop is compiled for each.</summary>
internal interface ISectorDisk
{
    void Read(long offset, Span<byte> sector);

    void Write(long offset, ReadOnlySpan<byte> sector);
}

/// <summary>The hot loop of every subject of <c>btt</c> in this process: random sectors.</summary>
internal sealed class SectorLoop<TDisk>(TDisk disk, int thread, bool writes) : ChunkLoop
    where TDisk : struct, ISectorDisk
{
    private readonly byte[] _sector = new byte[Sectors.Size];

    /// <summary>Writes each sector once.</summary>
    internal static void Fill(TDisk disk)
    {
        byte[] sector = new byte[Sectors.Size];
        for (long i = 0; i < Sectors.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(sector, i);
            disk.Write(i * Sectors.Size, sector);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TDisk local = disk;
        byte[] sector = _sector;
        ulong state = (((ulong)chunk << 8) + (ulong)thread + 1) * 0x9E3779B97F4A7C15;
        long right = 0;
        for (int i = 0; i < Operations; i++)
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            long index = (long)(state >> 33) % Sectors.Count;
            if (writes)
            {
                BinaryPrimitives.WriteInt64LittleEndian(sector, index);
                local.Write(index * Sectors.Size, sector);
                right++;
            }
            else
            {
                local.Read(index * Sectors.Size, sector);
                right += BinaryPrimitives.ReadInt64LittleEndian(sector) == index ? 1 : 0;
            }
        }
        return right;
    }
}
