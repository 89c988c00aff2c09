namespace Percpu.Interleavings.Model;

/// <summary>The garbage collector as an oracle: it lets go of an object when, and only when, the scenario says so.</summary>
internal sealed class Collector(Execution execution)
{
    private readonly HashSet<object> _gone = new(ReferenceEqualityComparer.Instance);

    internal int Collections
    {
        get
        {
            execution.AccessInStep(WordTable.Key(KeySpace.Collector, 0), writes: false);
            return field;
        }
        private set;
    }

    /// <summary>From now on no code can reach the object: its words and offset may serve another one.</summary>
    internal void LetGo(object watched)
    {
        execution.AccessInStep(WordTable.Key(KeySpace.Collector, 0), writes: true);
        _gone.Add(watched);
        Collections++;
    }

    internal bool HasLetGo(object watched)
    {
        execution.AccessInStep(WordTable.Key(KeySpace.Collector, 0), writes: false);
        return _gone.Contains(watched);
    }

    internal void Clear()
    {
        _gone.Clear();
        Collections = 0;
    }
}
