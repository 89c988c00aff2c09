using System.Diagnostics;
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
        using var folder = new TempFolder();
        string version = $"0.0.1-test.{DateTime.UtcNow:yyyyMMddHHmmss}", later = version + ".1";
        foreach (string project in (string[])["PercpuRef", "PercpuRef.Pagemap", "PercpuRef.Interleavings"])
            await Pack(folder, project, version);
        await Pack(folder, "PercpuRef", later);

        CheckContents(folder.At("feed"), "PercpuRef", version);
        CheckContents(folder.At("feed"), "PercpuRef.Pagemap", version);
        CheckContents(folder.At("feed"), "PercpuRef.Interleavings", version);

        CreateApp(folder, "app", $"""<PackageReference Include="PercpuRef.Pagemap" Version="{version}" />""");
        File.WriteAllText(folder.At("app/Program.cs"), FirstReadmeExample());
        string output = await Dotnet(folder.At("app"), "run", "--project", "app.csproj");
        Assert.Equal(["3", "False"], output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

        // The explorer finds what its page says it finds, once a project has switched it on.
        CreateApp(folder, "explored", $"""<PackageReference Include="PercpuRef.Interleavings" Version="{version}" />""");
        File.WriteAllText(folder.At("explored/Directory.Build.props"), "<Project><PropertyGroup><PercpuInterleavings>true</PercpuInterleavings></PropertyGroup></Project>");
        File.WriteAllText(folder.At("explored/Program.cs"), FirstExample(File.ReadAllText(Repository.At("src/PercpuRef.Interleavings/README.md"))));
        string found = await Dotnet(folder.At("explored"), "run", "--project", "explored.csproj");
        Assert.StartsWith("lost-update under sc: Violated in ", found, StringComparison.Ordinal);
        Assert.EndsWith("check: It counted 1.", found.Trim(), StringComparison.Ordinal);

        // The pagemaps call internals of the very version they were built with. A project that names another one itself:
        CreateApp(folder, "mixed", $"""
            <PackageReference Include="PercpuRef.Pagemap" Version="{version}" />
            <PackageReference Include="PercpuRef" Version="{later}" />
            """);
        (int exitCode, string said) = await TryDotnet(folder.At("mixed"), "build", "mixed.csproj", "--nologo");
        Assert.NotEqual(0, exitCode);
        Assert.Contains($"error PERCPU001: PercpuRef.Pagemap {version} works with PercpuRef {version} only, but {later} was resolved", said, StringComparison.Ordinal);
        Assert.Contains("NU1608", said, StringComparison.Ordinal); // What restore says of it.

        // And one that gets another one from a library that it uses:
        CreateApp(folder, "library", $"""<PackageReference Include="PercpuRef" Version="{later}" />""");
        CreateApp(folder, "user", $"""
            <PackageReference Include="PercpuRef.Pagemap" Version="{version}" />
            <ProjectReference Include="../library/library.csproj" />
            """);
        (exitCode, said) = await TryDotnet(folder.At("user"), "restore", "user.csproj");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("NU1107", said, StringComparison.Ordinal); // Version conflict.
        Assert.Contains($"PercpuRef (= {version})", said, StringComparison.Ordinal);
    }

    private static Task<string> Pack(TempFolder folder, string project, string version) => Dotnet(
        Repository.At(""), "pack", Path.Combine("src", project), "-c", "Release", "--nologo", "-v", "quiet",
        "--artifacts-path", folder.At("artifacts"), "-o", folder.At("feed"), $"-p:Version={version}");

    private static void CreateApp(TempFolder folder, string name, string references)
    {
        Directory.CreateDirectory(folder.At(name));
        File.WriteAllText(folder.At($"{name}/nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="local" value="{folder.At("feed")}" /></packageSources>
              <config><add key="globalPackagesFolder" value="{folder.At("packages")}" /></config>
            </configuration>
            """);
        File.WriteAllText(folder.At($"{name}/{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>{references}</ItemGroup>
            </Project>
            """);
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

    private static async Task<string> Dotnet(string folder, params string[] arguments)
    {
        (int exitCode, string output) = await TryDotnet(folder, arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{output}");
        return output;
    }

    private static async Task<(int ExitCode, string Output)> TryDotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_NOLOGO"] = start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // No process stays behind.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) && name != "MSBUILDDISABLENODEREUSE").ToList())
            start.Environment.Remove(name); // This test may run inside a build of its own.
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
