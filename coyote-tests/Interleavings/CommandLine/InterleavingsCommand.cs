using System.CommandLine;
using Percpu.Interleavings.Engines;
using Percpu.Interleavings.Running;
using Percpu.Interleavings.Twins;

namespace Percpu.Interleavings.CommandLine;

/// <summary>The command line: see the README, or <c>--help</c>.</summary>
internal static class InterleavingsCommand
{
    private static readonly Option<bool> List = new("--list") { Description = "List the scenarios." };
    private static readonly Option<string?> ScenarioName = new("--scenario") { Description = "Only this scenario." };
    private static readonly Option<string?> Model = new("--model") { Description = "Only this memory model: sc, tso, tso-full, arm64, arm64-full, or one of these with stripes per CPU: sc-cpu and so on (default: sc, tso, sc-cpu, tso-cpu)." };
    private static readonly Option<string> Engine = new("--engine") { Description = "builtin, or coyote (not in a build with -p:Coyote=false).", DefaultValueFactory = _ => EngineCatalog.BuiltIn };
    private static readonly Option<long> Executions = new("--executions") { Description = "At most so many executions of each scenario and model." };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "At most so long for each scenario and model." };
    private static readonly Option<string> Strategy = new("--strategy")
    {
        Description = "auto (reduced depth first; what is too large continues with pct), dfs, full (without reduction), random, or pct. "
            + "Of Coyote: auto (a fair portfolio), random, probabilistic, pct (prioritization), delay-bounding, or q-learning.",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<int> Preemptions = new("--preemptions") { Description = "At most so many preemptions, without reduction.", DefaultValueFactory = _ => -1 };
    private static readonly Option<int> Seed = new("--seed") { Description = "For random and pct.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Replay = new("--replay") { Description = "Run one recorded execution again, and tell its steps: a trace, or a file that holds one." };
    private static readonly Option<bool> Twins = new("--twins") { Description = "Check that every planted defect is caught." };
    private static readonly Option<string?> Twin = new("--twin") { Description = "Only these planted defects, separated by commas." };
    private static readonly Option<double> ThreadSeconds = new("--thread-seconds")
    {
        Description = "With --twins: how long the columns of real threads, torture and unit, may take in all; what is left then is not run. 0 leaves them out.",
        DefaultValueFactory = _ => 120,
    };

    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Write the results to this file." };

    internal static int Run(string[] args)
    {
        var command = new RootCommand("Explores the interleavings of the shipped source. Exit codes: 0 held, 1 violated, 2 inconclusive, 3 not supported here.")
        {
            List, ScenarioName, Model, Engine, Executions, Seconds, Strategy, Preemptions, Seed, Replay, Twins, Twin, ThreadSeconds, Json,
        };
        string line = string.Join(' ', ["PercpuRef.Interleavings", .. args]);
        command.SetAction(arguments => Run(arguments, line));
        return command.Parse(args).Invoke();
    }

    private static int Run(ParseResult arguments, string line)
    {
        DateTime started = DateTime.UtcNow;
        if (arguments.GetValue(List))
        {
            Report.List();
            return ExitCode.Held;
        }
        if (arguments.GetValue(Twins) || arguments.GetValue(Twin) is not null)
            return RunTwins(arguments, line);
        try
        {
            List<RunResult> results = arguments.GetValue(Replay) is { } trace
                ? [Replayed(trace, arguments.GetValue(Engine)!)]
                : RunScenarios(arguments);
            if (arguments.GetValue(Replay) is not null)
                Report.Tell(results[0]);
            if (arguments.GetValue(Json) is { } file)
                Report.WriteJson(results, line, started, file.FullName);
            return ExitCode.Of(results);
        }
        catch (UnsupportedException exception)
        {
            return NotSupported(exception.Message);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or Exploration.NotReproducibleException)
        {
            Console.Error.WriteLine(exception.Message);
            return ExitCode.Inconclusive;
        }
    }

    // A trace of Coyote is known by its look, so that one command replays any.
    private static RunResult Replayed(string trace, string engine)
    {
        string text = File.Exists(trace) ? File.ReadAllText(trace) : trace;
        return ScenarioRunner.Replay(text, text.Contains(":{", StringComparison.Ordinal) ? EngineCatalog.Coyote : engine);
    }

    private static int RunTwins(ParseResult arguments, string line)
    {
        string engine = arguments.GetValue(Engine)!;
        try
        {
            EngineCatalog.Check(engine);
        }
        catch (UnsupportedException exception)
        {
            return NotSupported(exception.Message);
        }
        return TwinReport.Run(new TwinOptions
        {
            CommandLine = line,
            Names = arguments.GetValue(Twin),
            Engine = engine,
            Strategy = arguments.GetValue(Strategy)!,
            Seconds = arguments.GetValue(Seconds),
            ThreadSeconds = arguments.GetValue(ThreadSeconds),
            Json = arguments.GetValue(Json)?.FullName,
        });
    }

    private static List<RunResult> RunScenarios(ParseResult arguments)
    {
        string? scenario = arguments.GetValue(ScenarioName), model = arguments.GetValue(Model);
        IReadOnlyList<string> scenarios = scenario is null ? ScenarioRunner.Scenarios : [scenario];
        string engine = arguments.GetValue(Engine)!;
        EngineCatalog.Check(engine);
        string[] models = model is not null ? [model] : engine == EngineCatalog.BuiltIn ? ["sc", "tso", "sc-cpu", "tso-cpu"] : ["sc"];
        var options = new RunOptions
        {
            Engine = engine,
            Executions = arguments.GetValue(Executions),
            Seconds = arguments.GetValue(Seconds),
            Strategy = arguments.GetValue(Strategy)!,
            Preemptions = arguments.GetValue(Preemptions),
            Seed = arguments.GetValue(Seed),
        };
        // All of them together end within about two minutes, unless asked for more.
        if (scenario is null && options is { Executions: 0, Seconds: 0 })
            options.Seconds = 100.0 / (scenarios.Count * models.Length);
        return Report.Live(scenarios, models, options);
    }

    private static int NotSupported(string reason)
    {
        Console.Error.WriteLine(reason);
        return ExitCode.NotSupported;
    }
}
