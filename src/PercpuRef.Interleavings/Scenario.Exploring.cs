using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;
using Percpu.Interleavings.Running;

namespace Percpu.Interleavings;

public abstract partial class Scenario
{
    private static readonly System.Buffers.SearchValues<char> NotInNames = System.Buffers.SearchValues.Create(": \t\r\n'\"");

    /// <summary>A scenario from a delegate.</summary>
    /// <param name="name">Without colons, spaces or quotes.</param>
    /// <param name="arrange">See <see cref="Arrange"/>.</param>
    /// <exception cref="ArgumentException">The name is empty or has such a character.</exception>
    public static Scenario Create(string name, Action<Stage> arrange)
    {
        ArgumentNullException.ThrowIfNull(arrange);
        CheckName(name);
        return new Delegated(name, arrange);
    }

    /// <summary>Explores the scenario, exhaustively, under a memory model.</summary>
    /// <exception cref="InvalidOperationException">Words are not explored in this process: see <see cref="Exploring.IsSupported"/>.</exception>
    public Verdict Explore(MemoryModel model) => Explore(new ExploreOptions { Model = model });

    /// <summary>Explores the scenario.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or the name cannot stand in a trace.</exception>
    /// <exception cref="InvalidOperationException">Words are not explored in this process: see <see cref="Exploring.IsSupported"/>.</exception>
    public Verdict Explore(ExploreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        CheckName(Name);
        Exploring.Require();
        return ExplorationRun.Explore(this, options);
    }

    /// <summary>Runs the execution of a trace again, and tells its steps.</summary>
    /// <param name="trace">What <see cref="Verdict.Trace"/> said, of this scenario, whose source has not changed since.</param>
    /// <exception cref="FormatException">That is no trace.</exception>
    /// <exception cref="ArgumentException">It is of another scenario, or of a variant or memory model that does not exist.</exception>
    /// <exception cref="InvalidOperationException">Words are not explored in this process: see <see cref="Exploring.IsSupported"/>.</exception>
    public Verdict Replay(string trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        Trace parsed = Trace.Parse(trace);
        if (parsed.Scenario != Name)
            throw new ArgumentException($"The trace is of the scenario '{parsed.Scenario}', and this is '{Name}'.", nameof(trace));
        if (parsed.Variant >= Variants)
            throw new ArgumentException($"The trace is of variant {parsed.Variant}, and there are {Variants} from 0.", nameof(trace));
        MemoryModel model = MemoryModel.ParsePublic(parsed.Model);
        _ = parsed.Decode(new Processes(Execution.MaxThreads, model.Lanes, model.EarlyLoads)); // Only for its form.
        Exploring.Require();
        return ExplorationRun.Replay(this, model, parsed);
    }

    private static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.AsSpan().ContainsAny(NotInNames))
            throw new ArgumentException($"The name '{name}' cannot stand in a trace: no colons, spaces or quotes.", nameof(name));
    }

    private sealed class Delegated(string name, Action<Stage> arrange) : Scenario
    {
        public override string Name => name;

        public override void Arrange(Stage stage) => arrange(stage);
    }
}
