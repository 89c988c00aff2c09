using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Percpu.Buffers;
using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Whatever stands behind a path: a map, or the exception that the table of docs/limitations.md names; nothing is left open.</summary>
public sealed class FileKindsTests : IDisposable
{
    private static readonly MappedFileOptions ForReading = new() { Access = MemoryMappedFileAccess.Read };

    private readonly TempFolder _folder = new();

    public FileKindsTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Kinds of files of Linux.");

    public void Dispose()
    {
        OpenFiles.AssertNothingLeft(_folder.Root);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("regular", null, null, typeof(IOException))]
    [InlineData("sparse", null, null, typeof(IOException))]
    [InlineData("empty", null, null, typeof(IOException))]
    [InlineData("link", null, null, typeof(IOException))]
    [InlineData("deleted", null, null, typeof(IOException))]
    [InlineData("missing", typeof(FileNotFoundException), typeof(FileNotFoundException), null)]
    [InlineData("link to nothing", typeof(FileNotFoundException), typeof(FileNotFoundException), typeof(IOException))]
    [InlineData("link to itself", typeof(IOException), typeof(IOException), typeof(IOException))]
    [InlineData("folder", typeof(UnauthorizedAccessException), typeof(UnauthorizedAccessException), typeof(IOException))]
    [InlineData("link to folder", typeof(UnauthorizedAccessException), typeof(UnauthorizedAccessException), typeof(IOException))]
    [InlineData("pipe", typeof(InvalidDataException), typeof(InvalidDataException), typeof(IOException))]
    [InlineData("pipe without a name", typeof(InvalidDataException), typeof(InvalidDataException), typeof(IOException))]
    [InlineData("socket", typeof(InvalidDataException), typeof(InvalidDataException), typeof(IOException))]
    [InlineData("/proc/self/status", typeof(InvalidDataException), typeof(InvalidDataException), typeof(IOException))]
    [InlineData("/proc/version", typeof(InvalidDataException), typeof(InvalidDataException), typeof(IOException))]
    [InlineData("huge", typeof(InsufficientMemoryException), typeof(InsufficientMemoryException), typeof(IOException))]
    [InlineData("read-only", null, typeof(UnauthorizedAccessException), typeof(IOException))]
    [InlineData("append-only", null, typeof(UnauthorizedAccessException), typeof(IOException))]
    public void I63_each_kind_of_file_is_a_map_or_a_named_exception(string kind, Type? read, Type? write, Type? create)
    {
        using Made made = Make(kind);
        int before = OpenFiles.DescriptorsOf(made.Path);
        if (kind.StartsWith("/proc", StringComparison.Ordinal) && !Environment.IsPrivilegedProcess)
            write = typeof(UnauthorizedAccessException);
        Check(read, () => MappedFile.Open(made.Path, ForReading));
        Check(write, () => MappedFile.Open(made.Path));
        Check(read, () => MappedFile.Open(made.Path, new MappedFileOptions { Access = MemoryMappedFileAccess.CopyOnWrite }));
        Check(create, () => MappedFile.Create(made.Path, 4096));

        void Check(Type? expected, Func<MappedFile> open)
        {
            MappedFile? file = null;
            Exception? exception = Caught.By(() => Worker.Run(() => file = open()));
            file?.Dispose();
            Assert.Equal(expected, exception?.GetType());
            if (exception is not null && exception is not (FileNotFoundException or UnauthorizedAccessException { InnerException: not null }))
                Assert.Contains(made.Path, exception.Message, StringComparison.Ordinal);
            Assert.Equal(before, OpenFiles.DescriptorsOf(made.Path));
            Assert.Equal(0, OpenFiles.MappingsOf(made.Path));
        }
    }

    [Theory]
    [InlineData("/dev/stdin")]
    [InlineData("/proc/self/fd/0")]
    public void I63_a_pipe_at_standard_input_is_refused_by_its_name(string path)
    {
        string written = OwnProcess.Run(nameof(PipeAtInput), path, "");
        Assert.Contains($"'{path}' is a pipe", written, StringComparison.Ordinal);
    }

    [Fact]
    public void I63_a_file_that_another_program_cuts_while_it_is_opened_is_mapped_as_it_is_then_or_refused()
    {
        string path = _folder.WithBytes("cut", 1 << 16);
        using SafeFileHandle cutter = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        bool ends = false;
        using (new Worker(() =>
        {
            for (int i = 0; !Volatile.Read(ref ends); i++)
                RandomAccess.SetLength(cutter, i % 3 * (1 << 15));
        }))
        {
            try
            {
                for (int i = 0; i < 3000; i++)
                {
                    // What is cut after the call would be a fault: nothing is read.
                    using MappedFile whole = MappedFile.Open(path);
                    Assert.Contains(whole.Length, new[] { 0L, 1 << 15, 1 << 16 });
                    Exception? exception = Caught.By(() => MappedFile.Open(path, new MappedFileOptions { Length = 1 << 16 }).Dispose());
                    Assert.True(exception is null or EndOfStreamException, $"{exception}");
                }
            }
            finally
            {
                Volatile.Write(ref ends, true);
            }
        }
    }

    private Made Make(string kind)
    {
        string path = _folder.At(kind);
        switch (kind)
        {
            case "regular":
                return new Made(_folder.WithBytes(kind, 5000));
            case "read-only":
                _folder.WithBytes(kind, 5000);
                Assert.SkipUnless(Run("chattr", "+i", path), "No file that not even root may write.");
                return new Made(path, () => Run("chattr", "-i", path));
            case "append-only":
                _folder.WithBytes(kind, 5000);
                Assert.SkipUnless(Run("chattr", "+a", path), "No append-only files here.");
                return new Made(path, () => Run("chattr", "-a", path));
            case "empty":
                return new Made(_folder.WithBytes(kind, 0));
            case "sparse":
                return new Made(_folder.Sparse(kind, 1L << 32));
            case "huge":
                Assert.SkipUnless(Directory.Exists("/dev/shm"), "No file system for files of 2^62 bytes.");
                var memory = new TempFolder("/dev/shm");
                return new Made(memory.Sparse(kind, 1L << 62), memory.Dispose);
            case "link":
                return new Made(File.CreateSymbolicLink(path, _folder.WithBytes("target", 5000)).FullName);
            case "deleted":
                var stream = new FileStream(_folder.WithBytes(kind, 5000), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                File.Delete(path);
                return new Made($"/proc/self/fd/{stream.SafeFileHandle.DangerousGetHandle()}", stream.Dispose);
            case "link to nothing":
                return new Made(File.CreateSymbolicLink(path, _folder.At("nothing")).FullName);
            case "link to itself":
                return new Made(File.CreateSymbolicLink(path, path).FullName);
            case "folder":
                return new Made(Directory.CreateDirectory(path).FullName);
            case "link to folder":
                return new Made(File.CreateSymbolicLink(path, _folder.Root).FullName);
            case "pipe":
                Assert.True(Run("mkfifo", path));
                return new Made(path);
            case "pipe without a name":
                var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
                return new Made($"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}", pipe.Dispose);
            case "socket":
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                return new Made(path, socket.Dispose);
            default:
                return new Made(kind == "missing" ? path : kind);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private sealed class Made(string path, Action? undo = null) : IDisposable
    {
        internal string Path { get; } = path;

        public void Dispose() => undo?.Invoke();
    }
}
