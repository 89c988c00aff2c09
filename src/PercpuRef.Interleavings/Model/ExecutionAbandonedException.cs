namespace Percpu.Interleavings.Model;

/// <summary>Unwinds a model thread out of an execution that was given up.</summary>
internal sealed class ExecutionAbandonedException : Exception
{
    internal static readonly ExecutionAbandonedException Instance = new();
}
