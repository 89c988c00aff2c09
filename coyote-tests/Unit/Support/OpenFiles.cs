namespace Percpu.Unit.Support;

/// <summary>What the operating system says this process still has of a file (Linux).</summary>
internal static class OpenFiles
{
    /// <summary>Fails if a mapping or a file descriptor of a file is left.</summary>
    internal static void AssertNothingLeft(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Assert.Empty(Mappings(path)); // The failure tells which.
        Assert.Equal(0, DescriptorsOf(path));
    }

    internal static int MappingsOf(string path) => Mappings(path).Length;

    internal static int DescriptorsOf(string path)
    {
        int count = 0;
        foreach (string descriptor in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            try
            {
                if (new FileInfo(descriptor).LinkTarget?.StartsWith(path, StringComparison.Ordinal) == true)
                    count++;
            }
            catch (IOException)
            {
                // Closed since it was listed.
            }
        }
        return count;
    }

    private static string[] Mappings(string path) => [.. File.ReadLines("/proc/self/maps").Where(line => line.Contains(path, StringComparison.Ordinal))];
}
