using System.IO.MemoryMappedFiles;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class AddressSpaceTests : IDisposable
{
    private static readonly MappedFileOptions ReadOnly = new() { Access = MemoryMappedFileAccess.Read };

    private readonly TempFolder _folder = new();

    public AddressSpaceTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Sparse files of terabytes.");

    public void Dispose()
    {
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Fact]
    public void More_than_NET_maps_in_one_piece()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PERCPU_HOST") is not null, "An emulator has not so much address space.");
        const long length = 9_000_000_000_000;
        string path = _folder.Sparse("huge", length);
        using (MappedFile whole = MappedFile.Open(path, ReadOnly))
            Assert.Equal((length, 0), (whole.Length, whole.ReadByte(length - 1)));
        OpenFiles.AssertNothingLeft(path);

        using MappedFile part = MappedFile.Open(path, new MappedFileOptions { Access = MemoryMappedFileAccess.Read, Length = 4096 });
        using MappedPin pin = part.Pin();
        Assert.Equal(4096, pin.Length);
    }

    [Fact]
    public void I63_no_address_space_left()
    {
        string path = _folder.Sparse("large", 8_000_000_000_000);
        var files = new List<MappedFile>();
        try
        {
            // 128 TiB hold 17 of them at most.
            Assert.Throws<InsufficientMemoryException>(() =>
            {
                for (int i = 0; i < 40; i++)
                    files.Add(MappedFile.Open(path, ReadOnly));
            });
            Assert.Equal(files.Count, OpenFiles.MappingsOf(path));
            Assert.Equal(0, OpenFiles.DescriptorsOf(path));
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    [Fact]
    public void I60_a_file_of_more_than_2_GiB_is_read_and_written_by_slices()
    {
        const long length = (5L << 30) + 123;
        string path = _folder.Sparse("long", length);
        using MappedFile file = MappedFile.Open(path);
        using MappedPin pin = file.Pin();

        Assert.Equal(length, pin.Length);
        pin.Slice(length - 3, 3).Fill(9);
        pin.Slice(int.MaxValue + 5L, 10).Fill(8);
        Assert.Equal([0, 9, 9, 9], pin.ReadOnlySlice(length - 4, 4).ToArray());
        Assert.Equal([8, 8], pin.ReadOnlySlice(int.MaxValue + 13L, 2).ToArray());
        Assert.Equal(int.MaxValue, pin.Slice(1L << 32, int.MaxValue - (1 << 30)).Length + (1 << 30));

        file.Flush();
        using FileStream plain = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        plain.Position = length - 3;
        Assert.Equal([9, 9, 9], (int[])[plain.ReadByte(), plain.ReadByte(), plain.ReadByte()]);
    }

    [Fact]
    public void I63_a_span_of_more_than_2_GiB_is_refused_by_name()
    {
        string path = _folder.Sparse("long", int.MaxValue + 1L);
        using MappedFile file = MappedFile.Open(path);
        foreach (bool writable in (bool[])[true, false])
        {
            var exception = Assert.Throws<InvalidOperationException>(() =>
            {
                using MappedPin pin = file.Pin();
                return writable ? pin.Span.Length : pin.ReadOnlySpan.Length;
            });
            Assert.Contains("Slice", exception.Message, StringComparison.Ordinal);
        }
        using MappedFile shorter = MappedFile.Open(path, new MappedFileOptions { Length = int.MaxValue });
        using MappedPin whole = shorter.Pin();
        Assert.Equal(int.MaxValue, whole.Span.Length);
    }
}
