using System.Diagnostics;
using System.Text.RegularExpressions;
using Percpu.HostTests.Support;

namespace Percpu.HostTests.Contracts;

/// <summary>Packs the packages and runs the lines of docs/hosts.md in a project that has nothing else.</summary>
public sealed partial class PackageTests
{
    [Fact]
    public async Task A_fresh_project_restores_both_packages_and_runs_the_lines_of_the_docs()
    {
        using var folder = new TempFolder();
        string version = $"0.0.1-test.{DateTime.UtcNow:yyyyMMddHHmmss}";
        foreach (string project in (string[])["PercpuRef", "PercpuRef.Lucene", "PercpuRef.Arrow"])
        {
            await Dotnet(Repository.At(""), "pack", Path.Combine("src", project), "-c", "Release", "--nologo", "-v", "quiet",
                "--artifacts-path", folder.At("artifacts"), "-o", folder.At("feed"), $"-p:Version={version}");
        }
        System.IO.Directory.CreateDirectory(folder.At("app"));
        string installed = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        // The hosts themselves come from where this build has them, so that no network is needed.
        File.WriteAllText(folder.At("app/nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="local" value="{folder.At("feed")}" /></packageSources>
              <fallbackPackageFolders><add key="installed" value="{installed}" /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{folder.At("packages")}" /></config>
            </configuration>
            """);
        File.WriteAllText(folder.At("app/app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="PercpuRef.Lucene" Version="{version}" />
                <PackageReference Include="PercpuRef.Arrow" Version="{version}" />
                <PackageReference Include="Lucene.Net.Analysis.Common" Version="4.8.0-beta00017" />
              </ItemGroup>
            </Project>
            """);
        MatchCollection programs = Programs().Matches(File.ReadAllText(Repository.At("docs/hosts.md")).ReplaceLineEndings("\n"));
        Assert.Equal(2, programs.Count);
        foreach (Match program in programs)
        {
            string code = program.Groups[1].Value;
            File.WriteAllText(folder.At("app/Program.cs"), code);
            string output = await Dotnet(folder.At("app"), "run", "--project", "app.csproj");
            Assert.All(Prints().Matches(code), promise => Assert.Contains(promise.Groups[1].Value, output, StringComparison.Ordinal));
            Assert.NotEmpty(Prints().Matches(code));
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
