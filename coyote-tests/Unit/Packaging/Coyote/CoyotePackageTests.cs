using Percpu.Unit.Support;

namespace Percpu.Unit.Packaging.Coyote;

/// <summary>The package for tests under Coyote, in a project that has it from a folder.</summary>
public sealed class CoyotePackageTests
{
    private const string Program = "coyote-tests/Unit/Packaging/Coyote/CacheProgram.cs", Examples = "docs/examples/CoyoteTests/";

    private static readonly string[] Files = [Program, Examples + "Cache.cs", Examples + "CacheFault.cs", Examples + "Document.cs", Examples + "CoyoteRewrite.targets"];

    [Fact]
    public async Task A_fresh_project_restores_it_and_finds_a_planted_fault()
    {
        using var folder = new FreshProjects();
        string version = await folder.Pack("PercpuRef", "PercpuRef.Coyote");
        folder.Create("tested", $"""
            <PackageReference Include="PercpuRef" Version="{version}" />
            <PackageReference Include="PercpuRef.Coyote" Version="{version}" />
            <PackageReference Include="Microsoft.Coyote.Test" Version="1.7.11" />
            """, installed: true, import: "CoyoteRewrite.targets");
        foreach (string file in Files)
            File.Copy(Repository.At(file), folder.At($"tested/{Path.GetFileName(file)}"));
        File.WriteAllText(folder.At("tested/Program.cs"), $"{typeof(CacheProgram).FullName}.{nameof(CacheProgram.Run)}();");

        // Coyote tells of its own progress in between.
        string output = await FreshProjects.Dotnet(folder.At("tested"), "run", "--project", "tested.csproj");
        Assert.Contains("right: held", output, StringComparison.Ordinal);
        Assert.Matches("(?m)^wrong: .*closed", output);
    }
}
