namespace Percpu;

/// <summary>A retired state and the callback that reclaims it.</summary>
internal sealed class RetiredState<TState>(TState state, Action<TState> reclaim) : Retired
{
    internal override void Reclaim() => reclaim(state);
}
