using System.Diagnostics;
using System.Reflection;
using Percpu.Interleavings.Running;
using Percpu.Mutants.Building;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Exploring;

/// <summary>Explores the scenarios that reach a mutant: the strongest memory model first.</summary>
internal sealed class ExplorerRunner
{
    private const string EarlyLoads = "arm64-early";
    private const long ReachExecutions = 300;

    // Of the matrix; and those of hosts without a process-wide fence, which are asked if none of these shows it.
    private static readonly string[] Usual = ["sc", "tso", "arm64"], Others = ["tso-full", "arm64-full"];

    private readonly ExplorerCompiler _compiler;
    private readonly Program _all;
    private readonly double _seconds;
    private readonly Dictionary<(string Scenario, bool PerCpu), bool[]> _reached = [];

    /// <param name="compiler">For those that have a build of their own.</param>
    /// <param name="mutants">All of them.</param>
    /// <param name="seconds">How long a mutant is explored under each model.</param>
    /// <param name="scenarios">Those that are explored; all there are, if none is named.</param>
    internal ExplorerRunner(ExplorerCompiler compiler, IReadOnlyList<Mutant> mutants, double seconds, params IReadOnlyList<string> scenarios)
    {
        (_compiler, _seconds) = (compiler, seconds);
        (Assembly assembly, Mutants) = compiler.Load(mutants);
        _all = new Program(assembly);
        foreach (string scenario in scenarios.Count > 0 ? scenarios : ScenarioRunner.Scenarios)
        {
            foreach (bool perCpu in (bool[])[false, true])
            {
                Array.Clear(_all.Reached);
                foreach (string model in perCpu ? (string[])["sc-cpu"] : ["tso", "arm64-full"])
                    _all.Explore(-1, scenario, model, 1, ReachExecutions);
                _reached.Add((scenario, perCpu), [.. _all.Reached]);
            }
        }
    }

    /// <summary>Those that compile, by their numbers.</summary>
    internal IReadOnlyList<Mutant> Mutants { get; }

    internal ExplorerResult Run(int number)
    {
        Mutant mutant = Mutants[number];
        bool isOwn = mutant.Form == MutantForm.Own;
        Program program = isOwn ? new Program(_compiler.LoadAlone(mutant)) : _all;
        int active = isOwn ? -1 : number;
        string[] byThread = ReachedBy(number, perCpu: false), byCpu = ReachedBy(number, perCpu: true);
        // What stripes per CPU alone reach is explored on the same machines with these.
        string[] reaching = byThread.Length > 0 ? byThread : byCpu;
        string kind = byThread.Length > 0 ? "" : "-cpu";
        var models = new Dictionary<string, ExploredModel>();
        foreach (string model in reaching.Length > 0 ? Usual.Concat(Others) : [])
        {
            if (Others.Contains(model) && models.Values.Any(outcome => outcome.Scenario is not null))
                break;
            if (CanDiffer(mutant, model))
                models.Add(model + kind, Explore(program, active, reaching, (model == "arm64" && IsEarly(mutant) ? EarlyLoads : model + kind)));
        }
        return new ExplorerResult(mutant, reaching.Length, models);
    }

    // Under sc a fence does nothing, and under tso neither a release nor an acquire does.
    private static bool CanDiffer(Mutant mutant, string model) => mutant.Operator switch
    {
        "order" => model.StartsWith("arm64", StringComparison.Ordinal),
        "fence" => model != "sc",
        _ => true,
    };

    private static bool IsEarly(Mutant mutant) => mutant.After.Contains(ExplorerSwitch.PlainLoad, StringComparison.Ordinal);

    // What reaches few mutants is about few things: it comes first. A short look at each, and then a long one.
    private string[] ReachedBy(int number, bool perCpu) =>
    [
        .. _reached.Where(pair => pair.Key.PerCpu == perCpu && pair.Value[number]).OrderBy(pair => pair.Value.Count(reached => reached)).Select(pair => pair.Key.Scenario),
    ];

    private ExploredModel Explore(Program program, int active, string[] scenarios, string model)
    {
        long began = Stopwatch.GetTimestamp(), executions = 0;
        List<string> left = [.. scenarios];
        for (int part = 0; part < 2 && left.Count > 0; part++)
        {
            double budget = Math.Max(0, _seconds - Stopwatch.GetElapsedTime(began).TotalSeconds) * (part == 0 ? 0.4 : 1);
            for (int at = 0; at < left.Count;)
            {
                double each = Math.Max(0.02, budget / left.Count);
                RunSummary run = program.Explore(active, left[at], model, each, long.MaxValue);
                executions += run.Executions;
                if (run.Violated)
                    return new ExploredModel(left[at], run.Message, run.Trace, executions, Exhausted: false);
                if (run.Exhausted)
                    left.RemoveAt(at);
                else
                    at++;
            }
        }
        return new ExploredModel(null, "", "", executions, Exhausted: left.Count == 0);
    }

    private sealed record RunSummary(bool Violated, bool Exhausted, long Executions, string Message, string Trace);

    /// <summary>The explorer as it was compiled anew.</summary>
    private sealed class Program
    {
        private readonly FieldInfo _active;
        private readonly Type _options;
        private readonly MethodInfo _run;

        internal Program(Assembly assembly)
        {
            Type chooser = assembly.GetType(ExplorerSwitch.Type, throwOnError: true)!;
            _active = chooser.GetField(ExplorerSwitch.Active)!;
            Reached = (bool[])chooser.GetField(ExplorerSwitch.Reached)!.GetValue(null)!;
            _options = assembly.GetType(typeof(RunOptions).FullName!, throwOnError: true)!;
            _run = assembly.GetType(typeof(ScenarioRunner).FullName!, throwOnError: true)!.GetMethod(nameof(ScenarioRunner.Run), [typeof(string), typeof(string), _options])!;
        }

        internal bool[] Reached { get; }

        internal RunSummary Explore(int active, string scenario, string model, double seconds, long executions)
        {
            object options = Activator.CreateInstance(_options)!;
            _options.GetProperty(nameof(RunOptions.Seconds))!.SetValue(options, seconds);
            _options.GetProperty(nameof(RunOptions.Executions))!.SetValue(options, executions);
            _active.SetValue(null, active);
            object result;
            try
            {
                result = _run.Invoke(null, [scenario, model, options])!;
            }
            catch (TargetInvocationException refused)
            {
                // The explorer itself noticed: what runs is not the same each time, or ran out of what the model has.
                return new RunSummary(true, false, 0, refused.InnerException!.Message, "");
            }
            finally
            {
                _active.SetValue(null, -1);
            }
            return new RunSummary(Get<string>(result, nameof(RunResult.Verdict)) == "violated", Get<bool>(result, nameof(RunResult.Exhausted)),
                Get<long>(result, nameof(RunResult.Executions)), Get<string>(result, nameof(RunResult.Message)), Get<string>(result, nameof(RunResult.Trace)));
        }

        private static T Get<T>(object result, string property) => (T)result.GetType().GetProperty(property)!.GetValue(result)!;
    }
}
