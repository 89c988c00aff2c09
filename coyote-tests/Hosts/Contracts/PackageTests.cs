using System.Text.RegularExpressions;
using Percpu.Unit.Packaging;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Contracts;

/// <summary>Packs the packages and runs the lines of docs/hosts.md in a project that has nothing else.</summary>
public sealed partial class PackageTests
{
    [Fact]
    public async Task A_fresh_project_restores_both_packages_and_runs_the_lines_of_the_docs()
    {
        using var folder = new FreshProjects();
        await folder.Pack("PercpuRef", "PercpuRef.Lucene", "PercpuRef.Arrow");
        string[] programs = [.. Programs().Matches(File.ReadAllText(Repository.At("docs/hosts.md")).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value)];
        Assert.Equal(2, programs.Length);
        foreach ((int number, string program) in programs.Index())
        {
            string name = $"app{number}";
            // The hosts themselves come from where this build has them, so that no network is needed.
            folder.Create(name, $"""
                <PackageReference Include="PercpuRef.Lucene" Version="{folder.VersionOf("PercpuRef.Lucene")}" />
                <PackageReference Include="PercpuRef.Arrow" Version="{folder.VersionOf("PercpuRef.Arrow")}" />
                <PackageReference Include="Lucene.Net.Analysis.Common" Version="4.8.0-beta00017" />
                """, installed: true);
            File.WriteAllText(folder.At($"{name}/Program.cs"), program);
            string output = await FreshProjects.Dotnet(folder.At(name), "run", "--project", $"{name}.csproj");
            Assert.NotEmpty(Prints().Matches(program));
            Assert.All(Prints().Matches(program), promise => Assert.Contains(promise.Groups[1].Value, output, StringComparison.Ordinal));
        }
    }

    [GeneratedRegex(@"^<!-- run -->\n+```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Programs();

    [GeneratedRegex(@"// .*?\bprints (\S+)")]
    private static partial Regex Prints();
}
