using System.Diagnostics;
using System.Reflection;
using System.Xml.Linq;
using Percpu.Unit.Support;

namespace Percpu.Unit.Packaging;

/// <summary>A folder with packages of what this build has made, and with projects that know nothing else; needs no network.</summary>
internal sealed class FreshProjects : IDisposable
{
    private readonly TempFolder _folder = new();

    internal string At(string name) => _folder.At(name);

    /// <summary>Packs projects of src as they were built, into the folder "feed".</summary>
    /// <returns>The version of the first.</returns>
    internal async Task<string> Pack(params string[] projects)
    {
        await PackWith("", projects);
        return VersionOf(projects[0]);
    }

    /// <summary>Which version of a project was packed.</summary>
    internal string VersionOf(string project) =>
        Path.GetFileNameWithoutExtension(Directory.EnumerateFiles(At("feed"), $"{project}.?.*.nupkg").Single())[(project.Length + 1)..];

    /// <summary>The same under another version.</summary>
    internal Task PackAs(string version, params string[] projects) => PackWith($";Version={version}", projects);

    /// <summary>Makes a project of one program.</summary>
    /// <param name="name">Its name and its folder's.</param>
    /// <param name="references">What stands in its group of items.</param>
    /// <param name="installed">Whether it may also use what is installed for this user: where the packages of others come from.</param>
    /// <param name="import">A file to import at its end.</param>
    internal void Create(string name, string references, bool installed = false, string? import = null)
    {
        Directory.CreateDirectory(At(name));
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(At($"{name}/nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="local" value="{At("feed")}" />{(installed ? $"<add key=\"installed\" value=\"{packages}\" />" : "")}</packageSources>
              <config><add key="globalPackagesFolder" value="{At("packages")}" /></config>
            </configuration>
            """);
        File.WriteAllText(At($"{name}/{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>{references}</ItemGroup>
              {(import is null ? "" : new XElement("Import", new XAttribute("Project", import)))}
            </Project>
            """);
    }

    internal static async Task<string> Dotnet(string folder, params string[] arguments)
    {
        (int exitCode, string output) = await TryDotnet(folder, arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{output}");
        return output;
    }

    internal static async Task<(int ExitCode, string Output)> TryDotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("PERCPU_SDK") ?? "dotnet", arguments)
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

    public void Dispose() => _folder.Dispose();

    private async Task PackWith(string properties, string[] projects)
    {
        string configuration = typeof(FreshProjects).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        File.WriteAllText(At("pack.proj"), $"""
            <Project>
              <Target Name="Pack">
                <MSBuild Projects="{string.Join(';', projects.Select(project => Repository.At($"src/{project}/{project}.csproj")))}" Targets="Pack"
                         Properties="NoBuild=true;Configuration={configuration};PackageOutputPath={At("feed")};NuspecOutputPath={At("nuspec")}{Path.DirectorySeparatorChar}{properties}" />
              </Target>
            </Project>
            """);
        await Dotnet(_folder.Root, "msbuild", "pack.proj", "-t:Pack", "-nologo", "-v:quiet");
    }
}
