using System.IO.MemoryMappedFiles;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Each way in which opening fails, by its named exception; afterwards nothing of the file is mapped or open.</summary>
public sealed class OpenFailureTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Fact]
    public void I63_a_missing_file()
    {
        var exception = Assert.Throws<FileNotFoundException>(() => MappedFile.Open(_folder.At("none")));
        Assert.Contains(_folder.At("none"), exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.At("none")));
    }

    [Fact]
    public void I63_a_missing_folder() =>
        Assert.Throws<DirectoryNotFoundException>(() => MappedFile.Open(_folder.At("none/file")));

    [Fact]
    public void I63_an_empty_file_of_which_bytes_are_asked()
    {
        string path = _folder.WithBytes("empty", 0);
        Assert.Contains(path, Assert.Throws<EndOfStreamException>(() => MappedFile.Open(path, new MappedFileOptions { Length = 10 })).Message, StringComparison.Ordinal);
        AssertUsable(path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void I63_a_pipe_is_refused_without_waiting_for_its_other_end(bool linked)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "mkfifo");
        string path = _folder.At("pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [path]))
            made.WaitForExit();
        if (linked)
            path = File.CreateSymbolicLink(_folder.At("link"), path).FullName;
        foreach (MemoryMappedFileAccess access in (MemoryMappedFileAccess[])[MemoryMappedFileAccess.Read, MemoryMappedFileAccess.ReadWrite])
            Worker.Run(() => Assert.Throws<InvalidDataException>(() => MappedFile.Open(path, new MappedFileOptions { Access = access })));
        OpenFiles.AssertNothingLeft(path);
    }

    [Fact]
    public void A_link_to_a_file_is_opened_as_the_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        string path = File.CreateSymbolicLink(_folder.At("link"), _folder.WithBytes("target", 10)).FullName;
        using MappedFile file = MappedFile.Open(path);
        Assert.Equal(10, file.Length);
    }

    [Fact]
    public void I63_a_file_shorter_than_asked()
    {
        string path = _folder.WithBytes("short", 10);
        var exception = Assert.Throws<EndOfStreamException>(() => MappedFile.Open(path, new MappedFileOptions { Length = 11 }));
        Assert.Contains("11", exception.Message, StringComparison.Ordinal);
        Assert.Throws<EndOfStreamException>(() => MappedFile.Open(path, new MappedFileOptions { Length = long.MaxValue }));
        Assert.Equal(10, new FileInfo(path).Length); // Not extended.
        AssertUsable(path);
    }

    [Fact]
    public void I63_a_folder() => Assert.Throws<UnauthorizedAccessException>(() => MappedFile.Open(_folder.Root));

    [Theory]
    [InlineData(MemoryMappedFileAccess.ReadWrite)]
    [InlineData(MemoryMappedFileAccess.Read)]
    public void I63_a_file_without_permission(MemoryMappedFileAccess access)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix file modes.");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root may open every file; see the next test.");
        string path = _folder.WithBytes("mine", 10);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, access == MemoryMappedFileAccess.Read ? UnixFileMode.None : UnixFileMode.UserRead);
        Assert.Throws<UnauthorizedAccessException>(() => MappedFile.Open(path, new MappedFileOptions { Access = access }));
    }

    [Fact]
    public void I63_a_file_that_not_even_root_may_write()
    {
        const string path = "/sys/kernel/notes";
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(path), $"No {path} here.");
        Assert.Throws<UnauthorizedAccessException>(() => MappedFile.Open(path));
        OpenFiles.AssertNothingLeft(path);
    }

    [Fact]
    public void I63_a_file_that_somebody_else_has_for_himself()
    {
        string path = _folder.WithBytes("shared", 10);
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.Throws<IOException>(() => MappedFile.Open(path));
        using (MappedFile.Open(path, new MappedFileOptions { Share = FileShare.None }))
            Assert.Throws<IOException>(() => MappedFile.Open(path));
        AssertUsable(path);
    }

    [Fact]
    public void I63_arguments_that_make_no_sense()
    {
        string path = _folder.WithBytes("file", 10);
        Assert.Throws<ArgumentNullException>("path", () => MappedFile.Open(null!));
        Assert.Throws<ArgumentException>("path", () => MappedFile.Open(""));
        var negative = Assert.Throws<ArgumentOutOfRangeException>(() => MappedFile.Open(path, new MappedFileOptions { Length = -1 }));
        Assert.Equal(-1L, negative.ActualValue);
        Assert.Throws<ArgumentOutOfRangeException>(() => MappedFile.Open(path, new MappedFileOptions { Share = (FileShare)77 }));
        foreach (int access in (int[])[(int)MemoryMappedFileAccess.Write, (int)MemoryMappedFileAccess.ReadExecute, (int)MemoryMappedFileAccess.ReadWriteExecute, -1, 99])
        {
            var undefined = Assert.Throws<ArgumentException>("options", () => MappedFile.Open(path, new MappedFileOptions { Access = (MemoryMappedFileAccess)access }));
            Assert.Contains(((MemoryMappedFileAccess)access).ToString(), undefined.Message, StringComparison.Ordinal);
        }
        AssertUsable(path);
    }

    private static void AssertUsable(string path)
    {
        OpenFiles.AssertNothingLeft(path);
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
        }
        File.Delete(path);
    }
}
