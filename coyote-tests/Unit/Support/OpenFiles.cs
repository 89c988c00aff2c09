namespace Percpu.Unit.Support;

/// <summary>What the operating system says this process still has of a file, or of the files of a folder (Linux; elsewhere nothing).</summary>
internal static partial class OpenFiles
{
    internal static int MappingsOf(string path) => Mappings(path).Length;

    internal static int DescriptorsOf(string path)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
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

    private static string[] Mappings(string path) =>
        OperatingSystem.IsLinux() ? [.. File.ReadLines("/proc/self/maps").Where(line => line.Contains(path, StringComparison.Ordinal))] : [];
}
