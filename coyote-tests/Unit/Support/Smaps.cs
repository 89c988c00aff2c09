namespace Percpu.Unit.Support;

/// <summary>What Linux tells of the mappings of this process.</summary>
internal static class Smaps
{
    /// <summary>Skips the test where this kernel does not tell the flags of a mapping.</summary>
    internal static void Need() =>
        Assert.SkipUnless(File.Exists("/proc/self/smaps") && Read().Any(each => each.Flags.Length > 0), "This kernel does not tell how a mapping is.");

    /// <summary>Each mapping, with the file behind it and its flags: words of two letters, each behind a space, as "dc" (not for a child
    /// process) and "nh" (no huge page).</summary>
    internal static List<(long Start, long End, string File, string Flags)> Read()
    {
        List<(long Start, long End, string File, string Flags)> mappings = [];
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] range = line.Split(' ')[0].Split('-');
            // The line of flags comes last of what is said of a mapping.
            if (range.Length == 2)
                mappings.Add((Convert.ToInt64(range[0], 16), Convert.ToInt64(range[1], 16), line[Math.Max(0, line.IndexOf('/', StringComparison.Ordinal))..], ""));
            else if (line.StartsWith("VmFlags:", StringComparison.Ordinal))
                mappings[^1] = mappings[^1] with { Flags = line["VmFlags:".Length..] };
        }
        return mappings;
    }
}
