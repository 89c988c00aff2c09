using Percpu.Pagemap;

namespace Percpu.Examples.Namespaces;

/// <summary>Bytes between a disk and the standard streams. A range need not begin or end at a sector.</summary>
internal static class Copying
{
    private const int Chunk = 1 << 20;

    internal static int Read(Image image, string? name, long offset, long? length, NamespaceMode? expected, bool damaged, Terminal terminal)
    {
        using (image)
        {
            return image.Use(image.Find(name).With(expected, allowDamaged: damaged), disk =>
            {
                long count = length ?? Math.Max(0, disk.Length - offset);
                Check(disk, offset, count);
                byte[] buffer = new byte[BufferSize(disk)];
                while (count > 0)
                {
                    long first = offset / disk.SectorSize * disk.SectorSize;
                    int skip = (int)(offset - first), part = (int)Math.Min(count, buffer.Length - skip);
                    try
                    {
                        disk.Read(first, buffer.AsSpan(0, Up(skip + part, disk.SectorSize)));
                    }
                    catch (IOException) when (skip + part > disk.SectorSize)
                    {
                        part = Math.Min(part, disk.SectorSize - skip); // One by one, up to the sector that fails.
                        disk.Read(first, buffer.AsSpan(0, disk.SectorSize));
                    }
                    terminal.Output.Write(buffer, skip, part);
                    offset += part;
                    count -= part;
                }
                terminal.Output.Flush();
                return ExitCode.Done;
            });
        }
    }

    internal static int Write(Image image, string? name, long offset, NamespaceMode? expected, Terminal terminal)
    {
        using (image)
        {
            return image.Use(image.Find(name).With(expected), disk =>
            {
                Check(disk, offset, 0);
                byte[] buffer = new byte[BufferSize(disk)];
                while (true)
                {
                    long first = offset / disk.SectorSize * disk.SectorSize;
                    int skip = (int)(offset - first);
                    int part = terminal.Input.ReadAtLeast(buffer.AsSpan(skip), buffer.Length - skip, throwOnEndOfStream: false);
                    if (part == 0)
                        break;
                    Check(disk, offset, part);
                    FillEnds(disk, first, buffer, skip, skip + part);
                    disk.Write(first, buffer.AsSpan(0, Up(skip + part, disk.SectorSize)));
                    offset += part;
                }
                disk.Flush();
                return ExitCode.Done;
            });
        }
    }

    // Sectors that are written in part keep the rest of what they hold.
    private static void FillEnds(BlockDisk disk, long first, byte[] buffer, int start, int end)
    {
        byte[] sector = new byte[disk.SectorSize];
        int last = end / disk.SectorSize * disk.SectorSize;
        if (start > 0)
        {
            disk.Read(first, sector);
            sector.AsSpan(0, start).CopyTo(buffer);
            if (end < disk.SectorSize)
                sector.AsSpan(end).CopyTo(buffer.AsSpan(end));
        }
        if (end > last && (last > 0 || start == 0))
        {
            disk.Read(first + last, sector);
            sector.AsSpan(end - last).CopyTo(buffer.AsSpan(end));
        }
    }

    private static void Check(BlockDisk disk, long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > disk.Length || count > disk.Length - offset)
            throw new BadRequestException($"{count} bytes at {offset} are not inside the disk of {disk.Length}.");
    }

    private static int BufferSize(BlockDisk disk) => Math.Max(2, Chunk / disk.SectorSize) * disk.SectorSize;

    private static int Up(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
