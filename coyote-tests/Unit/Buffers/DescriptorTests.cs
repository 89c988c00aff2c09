using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>A map needs no file descriptor. In a process of its own, where nobody else opens files.</summary>
public sealed class DescriptorTests
{
    private const string Program = """
        using System.Collections.Generic;
        using System.IO.MemoryMappedFiles;
        using Percpu.Buffers;
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

        static int Count() => Directory.GetFiles("/proc/self/fd").Length;
        """;

    /// <summary>The runtime keeps two descriptors for each assembly that it loads, so the first map must not need many.</summary>
    [Fact]
    public void A_thousand_maps_keep_no_descriptor_and_the_first_brings_few_assemblies()
    {
        ThreadStripes.Need();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors of Linux.");
        string written = Programs.Run(Program);
        Assert.True(written.Contains("held", StringComparison.Ordinal), written);
    }
}
