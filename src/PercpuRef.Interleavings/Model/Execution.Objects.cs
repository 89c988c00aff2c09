namespace Percpu.Interleavings.Model;

// Managed references, which are numbers in memory.
internal sealed unsafe partial class Execution
{
    private readonly List<object?> _objects = [null];
    private readonly Dictionary<object, long> _numbers = new(ReferenceEqualityComparer.Instance);

    /// <summary>The words that hold them.</summary>
    internal HashSet<long> ReferenceWords { get; } = [];

    internal WordHandles Handles => field ??= new WordHandles(this);

    /// <summary>The number of an object in this execution; 0 for null.</summary>
    internal long NumberOf(object? thing)
    {
        if (thing is null)
            return 0;
        if (_numbers.TryGetValue(thing, out long number))
            return number;
        _objects.Add(thing);
        _numbers.Add(thing, number = _objects.Count - 1);
        return number;
    }

    internal object? ObjectOf(long number) => _objects[(int)number];

    private void ForgetObjects()
    {
        _objects.RemoveRange(1, _objects.Count - 1);
        _numbers.Clear();
        ReferenceWords.Clear();
    }
}
