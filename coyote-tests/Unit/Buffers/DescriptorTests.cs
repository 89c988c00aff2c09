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
        int before = Count();
        var files = new List<MappedFile> { Open(path) };
        int first = Count();
        while (files.Count < 1000)
            files.Add(Open(path));
        int all = Count();
        Console.WriteLine(all == first && first - before <= 10 ? "held" : $"{before}, {first} with the first map, {all} with all");
        files.ForEach(file => file.Dispose());

        static MappedFile Open(string path) => MappedFile.Open(path, new MappedFileOptions { Access = MemoryMappedFileAccess.Read });

        static int Count() => Directory.GetFiles("/proc/self/fd").Length;
        """;

    /// <summary>The runtime keeps two descriptors for each assembly that it loads, so the first map must not need many.</summary>
    [Fact]
    public void A_thousand_maps_keep_no_descriptor_and_the_first_brings_few_assemblies()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors of Linux.");
        string written = Programs.Run(Program);
        Assert.True(written.Contains("held", StringComparison.Ordinal), written);
    }
}
