namespace Percpu.Interleavings.Model;

/// <summary>Something a scenario's threads tell each other, apart from what is checked: set once, waited for.</summary>
internal sealed class Signal(Execution execution, string name)
{
    internal string Name { get; } = name;

    internal long Key { get; } = execution.NewKey(KeySpace.Ghost, name);

    internal bool IsSet { get; set; }

    internal void Set() => execution.SetSignal(ModelThread.Current, this);

    internal void Wait() => execution.AwaitSignal(ModelThread.Current, this);
}
