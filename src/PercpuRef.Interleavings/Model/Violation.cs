namespace Percpu.Interleavings.Model;

/// <summary>What an execution did wrong.</summary>
internal sealed record Violation(string Kind, string Message)
{
    internal const string Deadlock = "deadlock", StepBound = "step bound", Check = "check", Memory = "memory", Escaped = "exception", Misuse = "misuse";
}
