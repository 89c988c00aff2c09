using System.IO.MemoryMappedFiles;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

public sealed class CreateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(1 << 20)]
    public void A_new_file_has_the_length_asked_and_is_zero(int length)
    {
        string path = _folder.At("new");
        using (MappedFile file = MappedFile.Create(path, length))
        using (MappedPin pin = file.Pin())
        {
            Assert.Equal(length, file.Length);
            Assert.Equal(length, pin.Span.Length);
            Assert.Equal(-1, pin.Span.IndexOfAnyExcept((byte)0));
            pin.Span[^1] = 7;
        }
        Assert.Equal(length, new FileInfo(path).Length);
        Assert.Equal(7, File.ReadAllBytes(path)[^1]);
    }

    [Fact]
    public void A_file_keeps_its_whole_path_since_the_current_folder_may_change()
    {
        string path = _folder.At("relative"), relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        Assert.False(Path.IsPathRooted(relative));
        using (MappedFile created = MappedFile.Create(relative, 10))
            Assert.Contains($"'{path}'", created.ToString(), StringComparison.Ordinal);
        using (MappedFile opened = MappedFile.Open(relative))
            Assert.Contains($"'{path}'", opened.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void I63_an_existing_file_is_refused_and_kept()
    {
        string path = _folder.WithBytes("old", 10);
        byte[] before = File.ReadAllBytes(path);
        Assert.Throws<IOException>(() => MappedFile.Create(path, 20));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Throws<IOException>(() => MappedFile.Create(_folder.Root, 20));
        Assert.True(Directory.Exists(_folder.Root));
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    public void I63_a_length_below_one(long length)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(nameof(length), () => MappedFile.Create(_folder.At("file"), length));
        Assert.Equal(length, exception.ActualValue);
        Assert.False(File.Exists(_folder.At("file")));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 4095)]
    [InlineData(1L << 60)]
    public void I63_a_length_beyond_what_the_file_system_holds_leaves_no_file(long length)
    {
        string path = _folder.At("huge");
        Assert.IsType<IOException>(Caught.By(() => MappedFile.Create(path, length)));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void I63_a_full_disk_is_told_at_once_and_leaves_no_file()
    {
        // Without blocks behind it the file would map, and a store would end the process.
        const string memoryDisk = "/dev/shm";
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists(memoryDisk), $"No {memoryDisk} here.");
        using var folder = new TempFolder(memoryDisk);
        long tooMuch = new DriveInfo(memoryDisk).TotalSize + (1 << 20);
        Assert.IsType<IOException>(Caught.By(() => MappedFile.Create(folder.At("file"), tooMuch)));
        Assert.False(File.Exists(folder.At("file")));
        OpenFiles.AssertNothingLeft(folder.Root);
    }

    [Fact]
    public void I63_a_missing_folder() =>
        Assert.Throws<DirectoryNotFoundException>(() => MappedFile.Create(_folder.At("none/file"), 10));

    [Fact]
    public void I63_options_that_make_no_sense_for_a_new_file()
    {
        string path = _folder.At("file");
        Assert.Throws<ArgumentException>("path", () => MappedFile.Create("", 10));
        Assert.Throws<ArgumentNullException>("path", () => MappedFile.Create(null!, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => MappedFile.Create(path, 10, new MappedFileOptions { Length = 10 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => MappedFile.Create(path, 10, new MappedFileOptions { Length = -1 }));
        foreach (MemoryMappedFileAccess access in (MemoryMappedFileAccess[])[MemoryMappedFileAccess.Read, MemoryMappedFileAccess.CopyOnWrite, (MemoryMappedFileAccess)99])
            Assert.Throws<ArgumentException>("options", () => MappedFile.Create(path, 10, new MappedFileOptions { Access = access }));
        Assert.False(File.Exists(path));
    }
}
