using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>The sectors of a btt, over all its arenas.</summary>
internal sealed unsafe class BttStore
{
    private readonly IByteMedium _medium;
    private readonly PoolHeader? _pool;
    private readonly Pinned<long> _formatLock = new();
    private BttArena[] _arenas; // Empty only while a pool was never written.

    private BttStore(IByteMedium medium, PoolHeader? pool, BttArena[] arenas, uint sectorSize, long sectors)
    {
        _medium = medium;
        _pool = pool;
        _arenas = arenas;
        SectorSize = (int)sectorSize;
        Sectors = sectors;
    }

    internal int SectorSize { get; }

    internal long Sectors { get; }

    /// <summary>Checks the whole structure, finishes interrupted writes where the medium can be written, and opens it.</summary>
    /// <param name="medium">The namespace.</param>
    /// <param name="content">What was found there.</param>
    /// <param name="allowDamaged">Whether a damaged structure is opened for reading what is left, instead of refused.</param>
    /// <exception cref="InfoBlockException">The structure contradicts itself.</exception>
    internal static BttStore Open(IByteMedium medium, NamespaceContent content, bool allowDamaged)
    {
        if (content.Arenas.Count == 0)
        {
            List<BttInfo> planned = BttFormat.Plan(medium, PoolHeader.Size, (int)content.Pool!.Value.SectorSize, PoolHeader.Rounding, default, Guid.Empty);
            return new BttStore(medium, content.Pool, [], content.Pool.Value.SectorSize, planned.Sum(each => (long)each.Sectors));
        }
        var checks = new List<BttCheck>();
        var report = new MediumReport();
        foreach ((long start, BttInfo info) in content.Arenas)
        {
            checks.Add(new BttCheck(medium, start, info, report));
            checks[^1].Run(null);
        }
        if (report.FirstStructural is { } fault && !allowDamaged)
            throw new InfoBlockException(
                $"The btt is damaged: {report.FaultCount} fault(s), the first: {fault.Message}",
                fault.Kind is MediumFaultKind.LogSequence or MediumFaultKind.LogEntry ? InfoBlockFault.DamagedLog : InfoBlockFault.DamagedMap);
        foreach (MediumFault each in report.Faults)
            PercpuEventSource.Log.Warning(each.Message);
        string? readOnly = report.FirstStructural is not null ? "The btt is damaged: it can be read, not written."
            : medium.IsWritable ? null : "The medium is read-only.";
        var arenas = new BttArena[checks.Count];
        for (int i = 0; i < arenas.Length; i++)
        {
            (long start, BttInfo info) = content.Arenas[i];
            string? reason = info.IsError ? $"The arena at {start} has its error flag set: it can be read, not written." : readOnly;
            arenas[i] = new BttArena(medium, start, info, checks[i], content.Pool is not null, reason);
        }
        return new BttStore(medium, content.Pool, arenas, content.Arenas[0].Info.SectorSize, content.Arenas.Sum(each => (long)each.Info.Sectors));
    }

    /// <summary>An arena alone, for whoever makes one outside a namespace.</summary>
    internal static BttStore Of(IByteMedium medium, BttArena arena, uint sectorSize) => new(medium, null, [arena], sectorSize, arena.Sectors);

    internal void Read(long sector, Span<byte> destination)
    {
        BttArena[] arenas = Atomic.LoadReference(ref _arenas);
        if (arenas.Length == 0)
            destination.Clear();
        else
            Find(arenas, ref sector).Read((uint)sector, destination);
    }

    internal void Write(long sector, ReadOnlySpan<byte> source) => Find(Formatted(), ref sector).Write((uint)sector, source);

    internal void Trim(long sector) => Find(Formatted(), ref sector).Trim((uint)sector);

    /// <summary>libpmemblk formats a pool at the first write to it; nobody relies on what was there before.</summary>
    private BttArena[] Formatted()
    {
        BttArena[] arenas = Atomic.LoadReference(ref _arenas);
        if (arenas.Length != 0)
            return arenas;
        using WordLock.Scope held = WordLock.EnterScope(_formatLock.Pointer);
        arenas = Atomic.LoadReference(ref _arenas);
        if (arenas.Length != 0)
            return arenas;
        PoolHeader pool = _pool!.Value;
        List<BttInfo> infos = BttFormat.Plan(_medium, PoolHeader.Size, SectorSize, PoolHeader.Rounding, Guid.NewGuid(), pool.Set);
        BttFormat.Write(_medium, PoolHeader.Size, infos, asPool: true);
        arenas = new BttArena[infos.Count];
        long start = PoolHeader.Size;
        for (int i = 0; i < arenas.Length; start += infos[i++].End)
        {
            var check = new BttCheck(_medium, start, infos[i], new MediumReport());
            check.Run(null);
            arenas[i] = new BttArena(_medium, start, infos[i], check, isPool: true, readOnly: null);
        }
        Atomic.ExchangeReference(ref _arenas, arenas);
        return arenas;
    }

    private static BttArena Find(BttArena[] arenas, ref long sector)
    {
        int i = 0;
        for (; sector >= arenas[i].Sectors; i++)
            sector -= arenas[i].Sectors;
        return arenas[i];
    }
}
