namespace Percpu;

/// <summary>The epoch domain of the process, made when somebody first asks for it.</summary>
internal static class SharedDomain
{
    internal static readonly EpochDomain Instance = new();
}
