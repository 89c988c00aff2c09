namespace Percpu;

/// <summary>An object of the library whose release callback a reference has, and that wants to know of the kill, by whatever
/// call, before the initial reference is dropped.</summary>
internal interface IKillObserver
{
    /// <summary>Called once, on the thread that kills. Throws nothing.</summary>
    void Killed();
}
