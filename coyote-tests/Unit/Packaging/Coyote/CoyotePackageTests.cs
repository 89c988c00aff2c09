using Percpu.Unit.Support;

namespace Percpu.Unit.Packaging.Coyote;

/// <summary>The package for tests under Coyote, in a project that has it from a folder.</summary>
public sealed class CoyotePackageTests
{
    private static readonly string[] Files = ["Cache.cs", "CacheFault.cs", "Document.cs", "CoyoteRewrite.targets"];

    private const string Program = """
        using System;
        using System.Linq;
        using System.Threading.Tasks;
        using CoyoteTests;
        using Microsoft.Coyote;
        using Microsoft.Coyote.SystematicTesting;

        Console.WriteLine("right: " + Run(CacheFault.None, 100));
        Console.WriteLine("wrong: " + Run(CacheFault.ClosedAtKill, 2_000));

        static string Run(CacheFault fault, uint iterations)
        {
            Configuration configuration = Configuration.Create().WithTelemetryEnabled(false).WithRandomGeneratorSeed(1)
                .WithTestingIterations(iterations).WithPartiallyControlledConcurrencyAllowed(false).WithDeadlockTimeout(60_000);
            using TestingEngine engine = TestingEngine.Create(configuration, async () =>
            {
                var cache = new Cache(fault);
                Task<int> reader = Task.Run(() => cache.Read());
                Task writer = Task.Run(() => cache.Replace("second"));
                await Task.WhenAll(new Task[] { reader, writer });
            });
            engine.Run();
            return engine.TestReport.NumOfFoundBugs == 0 ? "held" : engine.TestReport.BugReports.First().Split('\n')[0];
        }
        """;

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
            File.Copy(Repository.At($"docs/examples/CoyoteTests/{file}"), folder.At($"tested/{file}"));
        File.WriteAllText(folder.At("tested/Program.cs"), Program);

        // Coyote tells of its own progress in between.
        string output = await FreshProjects.Dotnet(folder.At("tested"), "run", "--project", "tested.csproj");
        Assert.Contains("right: held", output, StringComparison.Ordinal);
        Assert.Matches("(?m)^wrong: .*closed", output);
    }
}
