using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;

namespace Percpu.Microbenchmarks;

/// <summary>What every benchmark here reports: allocations, the machine code, Markdown and JSON.</summary>
internal sealed class Settings : ManualConfig
{
    public Settings()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.Default.WithRuntime(CoreRuntime.Core10_0).AsDefault());
        HideColumns("Job", "Runtime", "Toolchain");
        AddDiagnoser(MemoryDiagnoser.Default);
        AddDiagnoser(new DisassemblyDiagnoser(new DisassemblyDiagnoserConfig(maxDepth: 2, exportGithubMarkdown: true)));
        AddColumn(CategoriesColumn.Default);
        AddExporter(JsonExporter.Full);
    }
}
