namespace Percpu.Memory;

/// <summary>The seam over Coyote: of all iterations together.</summary>
internal static class MappedTotals
{
    private static long s_mapped;
    private static long s_retired;

    internal static long Mapped => Volatile.Read(ref s_mapped);

    internal static long Retired => Volatile.Read(ref s_retired);

    internal static void AddMapped(long bytes) => Interlocked.Add(ref s_mapped, bytes);

    internal static void AddRetired(long bytes) => Interlocked.Add(ref s_retired, bytes);
}
