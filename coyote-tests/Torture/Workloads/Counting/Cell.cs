namespace Percpu.Torture.Workloads.Counting;

/// <summary>
/// A place at which one reference lives after the other, and what may be said about the present one. The rules make
/// the statements safe: a state becomes killed only when a kill has done its work, and leaves it only by the
/// compare-exchange of the one thread that then revives.
/// </summary>
internal sealed class Cell(int index)
{
    private long _state;
    private long _killers;
    private Life? _life;

    internal int Index { get; } = index;

    internal long State => Volatile.Read(ref _state);

    /// <summary>Threads between <see cref="EnterKill"/> and <see cref="ExitKill"/>: while any is, a live state says nothing.</summary>
    internal long Killers => Volatile.Read(ref _killers);

    internal Life Life
    {
        get => Volatile.Read(ref _life)!;
        set => Volatile.Write(ref _life, value);
    }

    private bool TryChange(long from, long to) => Interlocked.CompareExchange(ref _state, to, from) == from;

    /// <summary>Announces a kill. Returns the life to kill; null if there is none.</summary>
    internal Life? EnterKill()
    {
        Interlocked.Increment(ref _killers);
        while (true)
        {
            long state = State;
            Life life = Life;
            if (CellState.Of(state) is CellState.Killed or CellState.Reviving)
            {
                ExitKill();
                return null;
            }
            // The state did not change while the life was read: they belong together.
            if (TryChange(state, CellState.With(state, CellState.Killing)))
                return life;
        }
    }

    internal void ExitKill() => Interlocked.Decrement(ref _killers);

    /// <summary>
    /// After this thread has killed or disposed of a life. Only now a revival may begin, unless a disposal has let one
    /// replace the life already: then there is nothing to say.
    /// </summary>
    internal void SetKilled(Life life) => Leave(life, CellState.Killed);

    /// <summary>After a batch was refused that may have killed this life all the same: nothing is said of it any more.</summary>
    internal void SetDoubtful(Life life) => Leave(life, CellState.Killing);

    private void Leave(Life life, long kind)
    {
        var wait = default(SpinWait);
        while (true)
        {
            long state = State;
            if (!ReferenceEquals(Life, life) || CellState.Of(state) == CellState.Killed || CellState.Of(state) == kind)
                return;
            // A revival that our kill overtook ends soon, and its state is ours to correct.
            if (CellState.Of(state) != CellState.Reviving && TryChange(state, CellState.With(state, kind)))
                return;
            wait.SpinOnce();
        }
    }

    /// <summary>Claims a killed reference for revival; also one whose killer could not tell that it was the one
    /// (a batch that met a faster killer).</summary>
    internal bool TryEnterRevival(out long reviving)
    {
        long state = State;
        reviving = CellState.NextGeneration(state, CellState.Reviving);
        // In this order: a killer that comes later finds it dead, one that was faster has changed the state.
        bool killed = CellState.Of(state) == CellState.Killed
            || (CellState.Of(state) == CellState.Killing && Life.Reference.IsDying && Killers == 0);
        return killed && TryChange(state, reviving);
    }

    /// <summary>Fails if somebody has killed it again already: then killed is right.</summary>
    internal void ExitRevival(long reviving, bool live) =>
        TryChange(reviving, CellState.With(reviving, live ? CellState.Live : CellState.Killed));
}
