namespace CoyoteTests;

/// <summary>A program whose fault must be found.</summary>
/// <param name="Run">The program; makes everything anew.</param>
/// <param name="Message">What the report must contain.</param>
/// <param name="Probabilistic">True for a fault that takes a thread to stay behind for long, as a reader in a grace period does.</param>
internal sealed record WrongProgram(Func<Task> Run, string Message, bool Probabilistic = false);
