using System.Diagnostics;
using System.Text.RegularExpressions;
using Percpu.HostTests.Support;

namespace Percpu.HostTests.Contracts;

/// <summary>Packs the packages and runs the lines of docs/hosts.md in a project that has nothing else.</summary>
public sealed partial class PackageTests
{
    private static readonly string[] Packages = ["PercpuRef", "PercpuRef.Lucene", "PercpuRef.Arrow"];

    [Fact]
    public async Task A_fresh_project_restores_both_packages_and_runs_the_lines_of_the_docs()
    {
        using var folder = new TempFolder();
        // What this build has made is packed as it is.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        File.WriteAllText(folder.At("pack.proj"), $"""
            <Project>
              <Target Name="Pack">
                <MSBuild Projects="{string.Join(';', Packages.Select(package => Repository.At($"src/{package}/{package}.csproj")))}" Targets="Pack"
                         Properties="NoBuild=true;Configuration={configuration};PackageOutputPath={folder.At("feed")};NuspecOutputPath={folder.At("nuspec")}{Path.DirectorySeparatorChar}" />
              </Target>
            </Project>
            """);
        await Dotnet(folder.Root, "msbuild", "pack.proj", "-t:Pack", "-nologo", "-v:quiet");
        Assert.Equal(Packages.Length, System.IO.Directory.GetFiles(folder.At("feed"), "*.nupkg").Length);

        string installed = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        // The hosts themselves come from where this build has them, so that no network is needed.
        File.WriteAllText(folder.At("nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="local" value="{folder.At("feed")}" /></packageSources>
              <fallbackPackageFolders><add key="installed" value="{installed}" /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{folder.At("packages")}" /></config>
            </configuration>
            """);
        string[] programs = [.. Programs().Matches(File.ReadAllText(Repository.At("docs/hosts.md")).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value)];
        Assert.Equal(2, programs.Length);
        for (int i = 0; i < programs.Length; i++)
        {
            System.IO.Directory.CreateDirectory(folder.At($"app{i}"));
            File.WriteAllText(folder.At($"app{i}/app{i}.csproj"), """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <UseAppHost>false</UseAppHost>
                    <OutDir>out</OutDir>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="PercpuRef.Lucene" Version="*-*" />
                    <PackageReference Include="PercpuRef.Arrow" Version="*-*" />
                    <PackageReference Include="Lucene.Net.Analysis.Common" Version="4.8.0-beta00017" />
                  </ItemGroup>
                </Project>
                """);
            File.WriteAllText(folder.At($"app{i}/Program.cs"), programs[i]);
            await Dotnet(folder.At($"app{i}"), "build", "--nologo", "-v", "quiet");
            string output = await Dotnet(folder.Root, folder.At($"app{i}/out/app{i}.dll"));
            Assert.NotEmpty(Prints().Matches(programs[i]));
            Assert.All(Prints().Matches(programs[i]), promise => Assert.Contains(promise.Groups[1].Value, output, StringComparison.Ordinal));
        }
    }

    private static async Task<string> Dotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name); // This test may run inside a build of its own.
        start.Environment["DOTNET_NOLOGO"] = start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // No process stays behind.
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{output}\n{await errors}");
        return output;
    }

    [GeneratedRegex(@"^<!-- run -->\n+```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Programs();

    [GeneratedRegex(@"// .*?\bprints (\S+)")]
    private static partial Regex Prints();
}
