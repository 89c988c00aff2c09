using System.Globalization;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Mapped;

/// <summary>A folder of small files, each filled with a pattern of its own, and what of it is mapped.</summary>
internal sealed class PatternFiles : IDisposable
{
    internal const int Files = 8, Bytes = 64 << 10;

    private readonly byte[][] _patterns = new byte[Files][];
    private readonly string _folder = Directory.CreateTempSubdirectory("percpu-torture-").FullName;
    private long _created;

    internal PatternFiles(ulong seed)
    {
        for (int i = 0; i < Files; i++)
        {
            var random = new Rng(seed, 5000 + i);
            _patterns[i] = new byte[Bytes];
            for (int at = 0; at < Bytes; at++)
                _patterns[i][at] = (byte)random.Next();
            File.WriteAllBytes(PathOf(i), _patterns[i]);
        }
    }

    internal byte[] Pattern(int file) => _patterns[file];

    internal string PathOf(int file) => Path.Combine(_folder, $"{file}.bin");

    /// <summary>A path at which no file stands.</summary>
    internal string NewPath() => Path.Combine(_folder, $"new-{Interlocked.Increment(ref _created)}.bin");

    /// <summary>How many bytes of the folder's files the process has mapped. Linux only.</summary>
    internal long MappedBytes()
    {
        long sum = 0;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            if (!line.Contains(_folder, StringComparison.Ordinal))
                continue;
            string[] range = line[..line.IndexOf(' ')].Split('-');
            sum += long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) - long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
        return sum;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
