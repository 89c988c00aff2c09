namespace Percpu.Interleavings.Model;

/// <summary>Where in the checked source a step comes from.</summary>
internal readonly record struct Source(string Member, int Line);
