using System.Globalization;
using System.IO.MemoryMappedFiles;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class UnmappingDoesNotFlushTests
{
    /// <summary>A flush at the unmapping would block whoever unpins last on the medium. The pages tell: a second mapping
    /// of the file shows them dirty until somebody has written them.</summary>
    [Fact]
    public void I61_the_last_unpin_does_not_wait_for_the_medium()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/smaps.");
        using var folder = new TempFolder();
        string path = folder.WithBytes("file", 1 << 20);
        using MemoryMappedFile second = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using MemoryMappedViewAccessor view = second.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);

        // The operating system writes now and then by itself: it must not do so at every try.
        int dirty = 0;
        for (int attempt = 0; attempt < 5 && dirty == 0; attempt++)
        {
            using (MappedFile file = MappedFile.Open(path))
            {
                file.Flush();
                using MappedPin pin = file.Pin();
                pin.Span.Fill((byte)attempt);
            }
            for (int i = 0; i < 1 << 20; i += 4096)
                view.ReadByte(i);
            dirty = DirtyKibibytes(path);
        }
        Assert.True(dirty > 0);
    }

    [Fact]
    public void A_flush_writes_every_page_that_its_range_touches()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc/self/smaps.");
        const int border = 4 << 20; // The system may write many pages at once, but none of a block on the other side of this.
        int page = Environment.SystemPageSize;
        using var folder = new TempFolder();
        string path = folder.WithBytes("file", 2 * border);
        using MemoryMappedFile second = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using MemoryMappedViewAccessor view = second.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        using MappedFile file = MappedFile.Open(path);
        file.Flush();
        Assert.SkipUnless(Dirty() == 0, "The file system of the temporary folder keeps its pages in memory.");

        // The operating system writes now and then by itself: it must not do so at every try.
        int before = 0;
        for (int attempt = 0; attempt < 5 && before == 0; attempt++)
        {
            using (MappedPin pin = file.Pin())
                pin.Slice(border - page, 2 * page).Fill((byte)attempt);
            before = Dirty();
            file.Flush(border - 96, 200);
            Assert.Equal(0, Dirty());
        }
        Assert.True(before > 0);

        int Dirty()
        {
            for (int i = 0; i < 2 * border; i += page)
                view.ReadByte(i);
            return DirtyKibibytes(path);
        }
    }

    internal static int DirtyKibibytes(string path)
    {
        int dirty = 0;
        bool ours = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains(" r--s ", StringComparison.Ordinal) || line.Contains("-p ", StringComparison.Ordinal) || line.Contains("-s ", StringComparison.Ordinal))
                ours = line.EndsWith(path, StringComparison.Ordinal);
            else if (ours && (line.StartsWith("Shared_Dirty:", StringComparison.Ordinal) || line.StartsWith("Private_Dirty:", StringComparison.Ordinal)))
                dirty += int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        return dirty;
    }
}
