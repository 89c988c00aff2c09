using System.Globalization;

namespace Percpu.PinThroughput.Subjects.Memory;

/// <summary>What the process takes, after the collector has given back what it does not need.</summary>
/// <param name="Resident">Bytes of its own in RAM.</param>
/// <param name="PageTables">Bytes of the page tables that map them; 0 where the system does not tell.</param>
/// <param name="Mappings">How many ranges of addresses; 0 where the system does not tell.</param>
internal readonly record struct Footprint(long Resident, long PageTables, int Mappings)
{
    private const string Status = "/proc/self/status", Maps = "/proc/self/maps";

    internal long Bytes => Resident + PageTables;

    internal static Footprint Take()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return File.Exists(Status)
            ? new Footprint(Kilobytes("RssAnon:") * 1024, Kilobytes("VmPTE:") * 1024, File.ReadLines(Maps).Count())
            : new Footprint(Environment.WorkingSet, 0, 0);
    }

    private static long Kilobytes(string key)
    {
        string line = File.ReadLines(Status).First(each => each.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
