namespace Percpu.PinThroughput.Subjects.Btt;

/// <summary>What all subjects of <c>btt</c> have in common. A sector begins with its number.</summary>
internal static class Sectors
{
    internal const int Size = 4_096, Count = (48 << 20) / Size;

    /// <summary>Bytes of a file with that many sectors and what manages them.</summary>
    internal const long FileLength = 64 << 20;

    internal static string NewPath() =>
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"pin-throughput-{Guid.NewGuid():N}.btt");
}
