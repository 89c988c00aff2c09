using System.Reflection;
using Percpu.Interleavings.Engines;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings.Twins;

/// <summary>
/// Runs the scenarios of a twin in the twin's own assembly, from which nothing but strings and numbers crosses over; and
/// beside that the layers of real threads, if any.
/// </summary>
/// <param name="compiler">Makes the twins.</param>
/// <param name="threads">The layers of real threads, if asked for.</param>
internal sealed class TwinRunner(TwinCompiler compiler, ThreadLayers? threads = null)
{
    private static readonly string[] Models = ["sc", "tso"];

    /// <summary>Explores a twin under each model, until a scenario shows the defect.</summary>
    /// <param name="twin">The twin.</param>
    /// <param name="seconds">At most so long for each scenario and model.</param>
    /// <param name="engine">Coyote: instead of the models, under it.</param>
    /// <param name="strategy">Of Coyote.</param>
    /// <param name="executions">At most so many for each scenario and model.</param>
    internal TwinResult Run(Twin twin, double seconds, string engine = EngineCatalog.BuiltIn, string strategy = "auto", long executions = 10_000_000)
    {
        // Begun before this thread is bound to one processor: what a bound thread starts is bound, too.
        Task<Dictionary<string, ThreadOutcome>> onThreads = Task.Run(() => threads?.Run(twin) ?? []);
        Assembly assembly = compiler.Compile(twin);
        string[] models = engine != EngineCatalog.BuiltIn ? [engine] : Models.Contains(twin.Layer) ? Models : [.. Models, twin.Layer];
        var outcomes = new Dictionary<string, TwinOutcome>();
        foreach (string model in models)
            outcomes.Add(model, Explore(assembly, twin, model, seconds, strategy, executions));
        return new TwinResult(twin, outcomes, onThreads.GetAwaiter().GetResult());
    }

    private static TwinOutcome Explore(Assembly assembly, Twin twin, string model, double seconds, string strategy, long atMost)
    {
        long executions = 0;
        bool exhausted = true;
        foreach (string scenario in twin.Scenarios)
        {
            object result = Run(assembly, scenario, model, seconds, strategy, atMost);
            executions += Get<long>(result, nameof(RunResult.Executions));
            exhausted &= Get<bool>(result, nameof(RunResult.Exhausted));
            if (Get<string>(result, nameof(RunResult.Verdict)) == "violated")
            {
                return new TwinOutcome(true, scenario, executions, Exhausted: false,
                    Get<string>(result, nameof(RunResult.Message)), Get<string>(result, nameof(RunResult.Trace)));
            }
        }
        return new TwinOutcome(false, string.Join(' ', twin.Scenarios), executions, exhausted, "", "");
    }

    private static object Run(Assembly assembly, string scenario, string model, double seconds, string strategy, long executions)
    {
        Type options = assembly.GetType(typeof(RunOptions).FullName!, throwOnError: true)!;
        object budget = Activator.CreateInstance(options)!;
        options.GetProperty(nameof(RunOptions.Seconds))!.SetValue(budget, seconds);
        options.GetProperty(nameof(RunOptions.Executions))!.SetValue(budget, executions);
        bool ours = model != EngineCatalog.Coyote;
        options.GetProperty(nameof(RunOptions.Engine))!.SetValue(budget, ours ? EngineCatalog.BuiltIn : model);
        options.GetProperty(nameof(RunOptions.Strategy))!.SetValue(budget, ours ? "auto" : strategy);
        Type runner = assembly.GetType(typeof(ScenarioRunner).FullName!, throwOnError: true)!;
        MethodInfo run = runner.GetMethod(nameof(ScenarioRunner.Run), [typeof(string), typeof(string), options])!;
        try
        {
            return run.Invoke(null, [scenario, ours ? model : "sc", budget])!;
        }
        catch (TargetInvocationException wrapped)
        {
            throw new TwinOutdatedException($"Scenario {scenario} could not run: {wrapped.InnerException!.Message}", wrapped.InnerException);
        }
    }

    private static T Get<T>(object result, string property) => (T)result.GetType().GetProperty(property)!.GetValue(result)!;
}
