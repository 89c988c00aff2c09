using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains;
using BenchmarkDotNet.Toolchains.CsProj;
using BenchmarkDotNet.Toolchains.DotNetCli;

namespace Percpu.Microbenchmarks;

/// <summary>What every benchmark here reports: allocations, the machine code, Markdown and JSON.</summary>
internal sealed class Settings : ManualConfig
{
    private const string Framework = "net10.0";

    public Settings()
    {
        Add(DefaultConfig.Instance);
        // This BenchmarkDotNet does not know .NET 10 by name and would refuse to disassemble: it is told an older name, and
        // a toolchain that builds for .NET 10.
        AddJob(Job.Default.WithId(Framework).AsDefault()
            .WithRuntime(CoreRuntime.Core90)
            .WithToolchain(new Toolchain(
                Framework,
                new CsProjGenerator(Framework, cliPath: null!, packagesPath: null!, runtimeFrameworkVersion: null!),
                new DotNetCliBuilder(Framework),
                new DotNetCliExecutor(customDotNetCliPath: null!))));
        HideColumns("Job", "Runtime", "Toolchain");
        AddDiagnoser(MemoryDiagnoser.Default);
        AddDiagnoser(new DisassemblyDiagnoser(new DisassemblyDiagnoserConfig(maxDepth: 2, exportGithubMarkdown: true)));
        AddColumn(CategoriesColumn.Default);
        AddExporter(MarkdownExporter.GitHub, JsonExporter.Full);
    }
}
