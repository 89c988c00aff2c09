using System.Collections.Concurrent;
using Percpu.Memory;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Counting;

/// <summary>
/// Reference counts under everything that may happen to them: readers, killers alone and in crossing batches, revivals,
/// mode switches, disposal, hand-overs, last puts on several threads, threads that come and go, recycled offsets.
/// </summary>
internal sealed class CountWorkload(Stage stage) : Workload(stage)
{
    private const int CellCount = 12, Visitors = 6, MaxHandedOver = 256;

    private readonly Cell[] _cells = new Cell[CellCount];
    private readonly HashSet<long> _offsets = [];
    private readonly ConcurrentDictionary<Life, long> _unreleased = new();
    private readonly CountReaders _readers = new(stage);
    private long _lives;
    private long _releases;
    private int _hot;

    /// <summary>References on their way to the thread that will put them.</summary>
    private readonly ConcurrentQueue<Life> _handedOver = new();

    internal override IReadOnlyList<Tallied> Evidence => Stage.Mode == StageMode.NoMemory
        ? [Tallied.Gets, Tallied.Kills, Tallied.KillsThatOverlappedGets, Tallied.GetsWithoutArea, Tallied.Releases]
        :
        [
            Tallied.Gets, Tallied.Kills, Tallied.KillAlls, Tallied.Disposes, Tallied.KillsThatOverlappedGets,
            Tallied.GetsInsideThroughoutKill, Tallied.WonWhileKilling, Tallied.LostWhileKilling, Tallied.FoundKilled,
            Tallied.HandOvers, Tallied.LastPutRushes, Tallied.ThreadsStarted, Tallied.Reinits, Tallied.Resurrections,
            Tallied.Recreations, Tallied.OffsetsRecycled, Tallied.AtomicSwitches, Tallied.PercpuSwitches,
            Tallied.ReleasesInKill, Tallied.ReleasesInPut, Tallied.KillsRefused,
        ];

    /// <summary>The cell that killers are at: readers and killers meet there more often than chance would have it.</summary>
    internal int Hot
    {
        get => Volatile.Read(ref _hot);
        set => Volatile.Write(ref _hot, value);
    }

    internal Cell Pick(Member member) => _cells[member.Random.OneIn(3) ? member.Random.Below(CellCount) : Hot];

    internal Cell PickAny(Member member) => _cells[member.Random.Below(CellCount)];

    internal override void Start()
    {
        Member setup = Crew.Enlist("setup");
        for (int i = 0; i < CellCount; i++)
        {
            _cells[i] = new Cell(i);
            _cells[i].Life = CreateLife(setup, _cells[i], PercpuRefOptions.None);
        }
        var killers = new CountKillers(Stage, this);
        var revivers = new CountRevivers(Stage, this);
        var relays = new CountRelays(Stage, this);
        Crew.EnlistVisitors("visitor", Visitors);
        Crew.Start("reader", Stage.Readers, member => _readers.Run(member, this));
        Crew.Start("killer", 2, killers.RunSingle);
        Crew.Start("batch killer", 2, killers.RunBatch);
        Crew.Start("reviver", 2, revivers.Run);
        Crew.Start("switcher", 1, revivers.RunSwitches);
        Crew.Start("relay", 2, relays.Run);
        Crew.Start("usher", 1, member => relays.RunUsher(member, Visitors));
    }

    /// <summary>A new reference for a cell, perhaps on the offset of one that the collector has let go of.</summary>
    internal Life CreateLife(Member member, Cell cell, PercpuRefOptions options)
    {
        var life = new Life(cell, Interlocked.Increment(ref _lives), OnRelease, options);
        _unreleased[life] = _lives;
        lock (_offsets)
        {
            if (!_offsets.Add(life.Reference.Number))
                member.Count(Tallied.OffsetsRecycled);
        }
        return life;
    }

    /// <summary>Reinit for a released life. False if it was disposed of meanwhile.</summary>
    internal bool TryReinit(Member member, Life life)
    {
        life.Renew(Interlocked.Increment(ref _lives));
        _unreleased[life] = _lives;
        try
        {
            life.Reference.Reinit();
            member.Count(Tallied.Reinits);
            return true;
        }
        catch (ObjectDisposedException)
        {
            Interlocked.Decrement(ref _lives);
            life.TryMarkReleased();
            _unreleased.TryRemove(life, out _);
            Stage.Quarantine.Take(life.Block);
            return false;
        }
    }

    /// <summary>Passes a held reference on; false when too many are under way.</summary>
    internal bool TryHandOver(Member member, Life life)
    {
        if (_handedOver.Count >= MaxHandedOver)
            return false;
        _handedOver.Enqueue(life);
        member.Count(Tallied.HandOvers);
        return true;
    }

    /// <summary>Puts a reference that was handed over; false when there is none.</summary>
    internal bool TryPutHandedOver(Member member)
    {
        if (!_handedOver.TryDequeue(out Life? life))
            return false;
        _readers.CheckHeld(member, life);
        _readers.Put(member, life, 1);
        return true;
    }

    internal override void Finish(Member end)
    {
        while (TryPutHandedOver(end))
        {
        }
        foreach (Cell cell in _cells)
        {
            cell.Life.Reference.Dispose();
            Check(cell.Life.Reference.WaitForRelease(TimeSpan.FromSeconds(10)), $"cell {cell.Index} is not released though nobody holds a reference");
            Check(NetCount(cell) == 0, $"net count of cell {cell.Index} at the end is {NetCount(cell)}");
        }
        foreach ((Life life, long number) in _unreleased)
            Check(false, $"life {number} of cell {life.Cell.Index} is not released: present {life == life.Cell.Life}, dying {life.Reference.IsDying}, zero {life.Reference.IsZero}, percpu {life.Reference.IsPercpu}");
        Check(_releases == _lives, $"{_releases} releases of {_lives} lives");
        Stage.Quarantine.Drain();
        Check(Block.Outstanding == 0, $"{Block.Outstanding} native blocks are outstanding");
        int areas = PerProcess.Stripes.AreaCount;
        end.Count(Tallied.StripeAreas, areas);
        // The main thread, the finalizer and the fault driver may have counted too.
        Check(areas <= Crew.PeakThreads + Faults.Crowd.Size + 5, $"{areas} stripe areas for at most {Crew.PeakThreads} threads at once");
    }

    /// <summary>The release callback: on whichever thread proved zero. It must not throw into that thread's kill,
    /// which would take it for a refusal.</summary>
    private void OnRelease(Life life)
    {
        try
        {
            Release(life);
        }
        catch (Exception exception)
        {
            Stage.Findings.Violation($"the release callback threw {exception}");
        }
    }

    private void Release(Life life)
    {
        Member member = Member.Current;
        Cell cell = life.Cell;
        Check(life.TryMarkReleased(), $"cell {cell.Index} is released twice in one life", member);
        _unreleased.TryRemove(life, out _);
        long net = NetCount(cell);
        Check(net == 0, $"cell {cell.Index} is released with net count {net}", member);
        Stage.Quarantine.Take(life.Block);
        Interlocked.Increment(ref _releases);
        member.Count(Tallied.Releases);
        member.Count(member.IsKilling ? Tallied.ReleasesInKill : Tallied.ReleasesInPut);
        member.Trail.Note("release", cell.Index, cell.State);
        // Sometimes a callback revives what it has just released, once the kill has said that it did its work.
        if (Crew.Stopping || !member.Random.OneIn(4) || CellState.Of(cell.State) != CellState.Killed
            || !ReferenceEquals(cell.Life, life) || !cell.TryEnterRevival(out long reviving))
            return;
        bool done = TryReinit(member, life);
        if (done)
            member.Count(Tallied.ReinitsInCallback);
        cell.ExitRevival(reviving, done);
        member.Trail.Note("revival in callback", cell.Index, reviving);
    }

    private long NetCount(Cell cell)
    {
        long sum = 0;
        foreach (Member member in Crew.Members)
            sum += member.Net(cell.Index);
        return sum;
    }
}
