using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Programs;

/// <summary>Maps devices that have no length, and says whether anything is left of them (Linux).</summary>
public static class DevicesAsFiles
{
    public static void Run()
    {
        string at = "";
        new Thread(() =>
        {
            Thread.Sleep(40_000);
            Console.Error.WriteLine($"It still waits for a map of {at}.");
            Environment.Exit(2);
        })
        { IsBackground = true }.Start();
        foreach (string path in (string[])["/dev/zero", "/dev/null"])
        {
            at = path;
            (int, int) before = LeftOf(path);
            foreach (MemoryMappedFileAccess access in (MemoryMappedFileAccess[])[MemoryMappedFileAccess.Read, MemoryMappedFileAccess.ReadWrite, MemoryMappedFileAccess.CopyOnWrite])
                Refuse<InvalidDataException>(() => MappedFile.Open(path, new MappedFileOptions { Access = access }));
            Refuse<IOException>(() => MappedFile.Create(path, 4096));
            if (path == "/dev/null")
                Refuse<InvalidDataException>(() => MappedFile.Open(path, new MappedFileOptions { Length = 8192 }));
            else
                UseOfKnownLength(path, before);
            Expect(LeftOf(path) == before, $"of {path} is left: {LeftOf(path)} instead of {before}");
        }
        Console.WriteLine("held");
    }

    private static void UseOfKnownLength(string path, (int Maps, int Descriptors) before)
    {
        using MappedFile file = MappedFile.Open(path, new MappedFileOptions { Length = 8192 });
        Expect(LeftOf(path) == (before.Maps + 1, before.Descriptors), "a map is one map, and no descriptor");
        file.Write(8188, 42);
        Expect(file.Length == 8192 && file.Read<int>(8188) == 42, "what is written is read");
        using MappedFile longer = file.Grow(1 << 20);
        Expect(longer.Read<int>((1 << 20) - 4) == 0, "a longer map of it");
        Expect(LeftOf(path) == (before.Maps + 2, before.Descriptors), "two maps, and no descriptor");
    }

    private static void Refuse<T>(Func<MappedFile> open) where T : Exception
    {
        try
        {
            open();
        }
        catch (T exception) when (exception.GetType() == typeof(T))
        {
            return;
        }
        throw new UnreachableException("mapped");
    }

    private static (int Maps, int Descriptors) LeftOf(string path) => (
        File.ReadLines("/proc/self/maps").Count(line => line.Contains(path, StringComparison.Ordinal)),
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(entry => new FileInfo(entry).LinkTarget == path));

    private static void Expect(bool condition, string what)
    {
        if (!condition)
            throw new UnreachableException(what);
    }
}
