namespace Percpu.Interleavings.Model;

/// <summary>
/// A word of the checker's own. Access without a step belongs to the thread's last step: "the step that decided". The
/// search knows of it, so that two steps whose order a check can tell apart are tried in both orders.
/// </summary>
internal sealed class Ghost(Execution execution, string name)
{
    private readonly long _key = execution.NewKey(KeySpace.Ghost, name);
    private long _value;

    /// <summary>Reads as part of the last step.</summary>
    internal long Read()
    {
        execution.AccessInStep(_key, writes: false);
        return _value;
    }

    /// <summary>Writes as part of the last step.</summary>
    internal void Write(long value)
    {
        execution.AccessInStep(_key, writes: true);
        _value = value;
    }

    /// <summary>Reads in a step of its own.</summary>
    internal long Use()
    {
        execution.UseGhost(ModelThread.Current, _key, writes: false);
        return _value;
    }

    /// <summary>Reads as a holder uses what it holds: at a time when the machine likes, but before what is released after it.</summary>
    internal void Use(Func<long, bool> holds, string otherwise) =>
        execution.UseGhost(ModelThread.Current, _key, this, holds, otherwise);

    /// <summary>Writes in a step of its own.</summary>
    internal void Set(long value)
    {
        execution.UseGhost(ModelThread.Current, _key, writes: true);
        _value = value;
    }

    /// <summary>The value, without a step: at the end, when no thread runs any more.</summary>
    internal long Final => _value;
}
