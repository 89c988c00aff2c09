using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Programs;

/// <summary>Maps a file a thousand times, and says how many file descriptors that keeps (Linux).</summary>
public static class MapsByThousands
{
    public static void Run()
    {
        string path = typeof(MappedFile).Assembly.Location;
        var options = new MappedFileOptions { Access = MemoryMappedFileAccess.Read };
        var files = new List<MappedFile>();
        int before = Count();
        files.Add(MappedFile.Open(path, options));
        int first = Count();
        while (files.Count < 1000)
            files.Add(MappedFile.Open(path, options));
        int all = Count();
        Console.WriteLine(all == first && first - before <= 10 ? "held" : $"{before}, {first} with the first map, {all} with all");
        files.ForEach(file => file.Dispose());
    }

    private static int Count() => Directory.GetFiles("/proc/self/fd").Length;
}
