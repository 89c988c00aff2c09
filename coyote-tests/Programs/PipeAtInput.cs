using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Programs;

/// <summary>Writes why standard input, where that is a pipe, is not mapped (Linux).</summary>
public static class PipeAtInput
{
    private const string Child = "child";

    /// <param name="path">A path that leads to standard input.</param>
    /// <param name="role">Empty for the process that a test starts.</param>
    public static void Run(string path, string role)
    {
        if (role != Child)
        {
            RunAsChild(path);
            return;
        }
        foreach (MemoryMappedFileAccess access in (MemoryMappedFileAccess[])[MemoryMappedFileAccess.Read, MemoryMappedFileAccess.ReadWrite])
        {
            try
            {
                MappedFile.Open(path, new MappedFileOptions { Access = access });
                throw new UnreachableException("mapped");
            }
            catch (InvalidDataException exception)
            {
                Console.WriteLine(exception.Message);
            }
        }
    }

    /// <summary>The same in a process that has a pipe for its standard input.</summary>
    private static void RunAsChild(string path)
    {
        // An emulator names the host by which programs start.
        string host = Environment.GetEnvironmentVariable("PERCPU_HOST") ?? Environment.ProcessPath!;
        string[] arguments = ["exec", typeof(PipeAtInput).Assembly.Location, nameof(PipeAtInput), path, Child];
        using Process child = Process.Start(new ProcessStartInfo(host, arguments) { RedirectStandardInput = true })!;
        child.WaitForExit();
        if (child.ExitCode != 0)
            throw new UnreachableException($"The child ended with {child.ExitCode}.");
    }
}
