namespace Percpu.Interleavings.Model;

/// <summary>State that checked code keeps with an execution or with a thread of it, in place of what is static outside.</summary>
internal abstract class CheckedState
{
    /// <summary>Makes it as in a fresh process.</summary>
    internal abstract void Reset();
}
