using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Percpu.Torture.Litmus;
using Percpu.Torture.Parts;
using Percpu.Torture.Running;
using Percpu.Torture.Workloads;

namespace Percpu.Torture;

/// <summary>The command line.</summary>
internal static class Program
{
    // Whoever publishes this program ahead of time can count the instructions of the hot paths in it.
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicMethods, typeof(Hot))]
    private static int Main(string[] arguments)
    {
        var seconds = new Option<double>("--seconds") { Description = "How long all of it takes.", DefaultValueFactory = _ => 60 };
        var json = new Option<string?>("--json") { Description = "Where to write the report." };
        var seed = new Option<ulong?>("--seed") { Description = "Fixes what every thread chooses, though not when it runs. Default: from the clock." };
        var workload = new Option<string[]>("--workload") { Description = "Only these, separated by commas; litmus is one of them.", DefaultValueFactory = _ => [] };
        var litmus = new Option<bool>("--litmus") { Description = "Only the litmus tests of the shipped fences." };
        var list = new Option<bool>("--list") { Description = "Names the workloads." };
        var inline = new Option<bool>("--inline") { Description = "Run one workload in this very process.", Hidden = true };
        var mode = new Option<StageMode>("--mode") { Description = "The kind of process, for --inline.", Hidden = true };
        var stripes = new Option<string?>("--stripes") { Description = "Kind of stripes: thread, cpu or auto. Default: what the library takes by itself." };
        stripes.AcceptOnlyFromAmong("thread", "cpu", "auto");
        var root = new RootCommand("Random long runs of the shipped assemblies on real threads. Exit code: 0 held, 1 violated, 2 inconclusive, 3 not supported here.")
        {
            seconds, json, seed, workload, litmus, list, stripes, inline, mode,
        };
        root.SetAction(parsed =>
        {
            if (parsed.GetValue(list))
                return List();
            var options = new TortureOptions
            {
                Seconds = parsed.GetValue(seconds),
                Seed = parsed.GetValue(seed) ?? (ulong)DateTime.UtcNow.Ticks,
                Workloads = [.. parsed.GetValue(workload)!.SelectMany(names => names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
                LitmusOnly = parsed.GetValue(litmus),
                Json = parsed.GetValue(json),
                Inline = parsed.GetValue(inline),
                Mode = parsed.GetValue(mode),
                Stripes = parsed.GetValue(stripes),
            };
            if (options.Workloads.FirstOrDefault(name => name != Segment.Litmus && WorkloadCatalog.All.All(entry => entry.Name != name)) is { } unknown)
                throw new ArgumentException($"There is no workload '{unknown}': see --list.");
            return (int)(options.Inline ? RunInline(options) : TortureRun.Run(options, "PercpuRef.Torture " + string.Join(' ', arguments)));
        });
        return root.Parse(arguments).Invoke();
    }

    private static Verdict RunInline(TortureOptions options)
    {
        if (options.Mode == StageMode.FullFence)
            AppContext.SetSwitch("Percpu.FullLightFence", true); // Before anything of the library runs.
        if (options.Stripes is not null)
            AppContext.SetData("Percpu.Stripes", options.Stripes);
        string name = options.Workloads.Single();
        SegmentReport report = name == Segment.Litmus
            ? LitmusSuite.Run(options.Seconds, options.Seed)
            : SegmentRun.Run(name, options);
        if (options.Json is not null)
            Reports.Write(options.Json, report);
        return report.Verdict;
    }

    private static int List()
    {
        foreach ((string name, string what, _) in WorkloadCatalog.All)
            Console.WriteLine($"{name,-8} {what}");
        Console.WriteLine($"{Segment.Litmus,-8} the shipped fences on this hardware, in lock-step pairs");
        return 0;
    }
}
