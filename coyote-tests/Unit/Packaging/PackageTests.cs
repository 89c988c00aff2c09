using System.IO.Compression;
using System.Reflection.PortableExecutable;
using Percpu.Unit.Support;

namespace Percpu.Unit.Packaging;

/// <summary>Packs the assemblies into a folder and uses them from there as a user would; needs no network.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task A_fresh_project_restores_the_package_and_runs_the_README_example()
    {
        using var folder = new FreshProjects();
        string version = await folder.Pack("PercpuRef", "PercpuRef.Pagemap", "PercpuRef.Interleavings"), later = "1000.0.0";
        await folder.PackAs(later, "PercpuRef");

        CheckContents(folder.At("feed"), "PercpuRef", version);
        CheckContents(folder.At("feed"), "PercpuRef.Pagemap", version);
        CheckContents(folder.At("feed"), "PercpuRef.Interleavings", version);

        folder.Create("app", $"""<PackageReference Include="PercpuRef.Pagemap" Version="{version}" />""");
        File.WriteAllText(folder.At("app/Program.cs"), FirstReadmeExample());
        string output = await FreshProjects.Dotnet(folder.At("app"), "run", "--project", "app.csproj");
        Assert.Equal(["3", "False"], output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

        // The explorer finds what its page says it finds, once a project has switched it on.
        folder.Create("explored", $"""<PackageReference Include="PercpuRef.Interleavings" Version="{version}" />""");
        File.WriteAllText(folder.At("explored/Directory.Build.props"), "<Project><PropertyGroup><PercpuInterleavings>true</PercpuInterleavings></PropertyGroup></Project>");
        File.WriteAllText(folder.At("explored/Program.cs"), FirstExample(File.ReadAllText(Repository.At("src/PercpuRef.Interleavings/README.md"))));
        string found = await FreshProjects.Dotnet(folder.At("explored"), "run", "--project", "explored.csproj");
        Assert.StartsWith("lost-update under sc: Violated in ", found, StringComparison.Ordinal);
        Assert.EndsWith("check: It counted 1.", found.Trim(), StringComparison.Ordinal);

        // The pagemaps call internals of the very version they were built with. A project that names another one itself:
        folder.Create("mixed", $"""
            <PackageReference Include="PercpuRef.Pagemap" Version="{version}" />
            <PackageReference Include="PercpuRef" Version="{later}" />
            """);
        (int exitCode, string said) = await FreshProjects.TryDotnet(folder.At("mixed"), "build", "mixed.csproj", "--nologo");
        Assert.NotEqual(0, exitCode);
        Assert.Contains($"error PERCPU001: PercpuRef.Pagemap {version} works with PercpuRef {version} only, but {later} was resolved", said, StringComparison.Ordinal);
        Assert.Contains("NU1608", said, StringComparison.Ordinal); // What restore says of it.

        // And one that gets another one from a library that it uses:
        folder.Create("library", $"""<PackageReference Include="PercpuRef" Version="{later}" />""");
        folder.Create("user", $"""
            <PackageReference Include="PercpuRef.Pagemap" Version="{version}" />
            <ProjectReference Include="../library/library.csproj" />
            """);
        (exitCode, said) = await FreshProjects.TryDotnet(folder.At("user"), "restore", "user.csproj");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("NU1107", said, StringComparison.Ordinal); // Version conflict.
        Assert.Contains($"PercpuRef (= {version})", said, StringComparison.Ordinal);
    }

    private static void CheckContents(string feed, string id, string version)
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed, $"{id}.{version}.nupkg"));
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        Assert.Contains("README.md", names);
        using (var readme = new StreamReader(package.GetEntry("README.md")!.Open()))
            Assert.StartsWith($"# {id}\n", readme.ReadToEnd().ReplaceLineEndings("\n"), StringComparison.Ordinal); // Each its own.
        Assert.Contains("icon.png", names);
        Assert.Contains($"lib/net10.0/{id}.xml", names);
        using var assembly = new MemoryStream();
        using (Stream entry = package.GetEntry($"lib/net10.0/{id}.dll")!.Open())
            entry.CopyTo(assembly);
        assembly.Position = 0;
        using var reader = new PEReader(assembly);
        Assert.Contains(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
        using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(feed, $"{id}.{version}.snupkg"));
        Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net10.0/{id}.pdb");
        using var specification = new StreamReader(package.GetEntry($"{id}.nuspec")!.Open());
        string nuspec = specification.ReadToEnd();
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        bool isPart = id == "PercpuRef.Pagemap";
        Assert.Equal(isPart ? 1 : 0, nuspec.Split("<dependency ").Length - 1);
        Assert.Equal(isPart, nuspec.Contains($"<dependency id=\"PercpuRef\" version=\"[{version}]\"", StringComparison.Ordinal));
    }

    private static string FirstReadmeExample()
    {
        string readme = File.ReadAllText(Repository.At("README.md"));
        return FirstExample(readme[(readme.IndexOf("<!-- run -->", StringComparison.Ordinal) + 1)..]);
    }

    private static string FirstExample(string text)
    {
        string fromExample = text[(text.IndexOf("```csharp", StringComparison.Ordinal) + 9)..];
        return fromExample[..fromExample.IndexOf("```", StringComparison.Ordinal)];
    }
}
