namespace Percpu.Pagemap;

/// <summary>What a check of a namespace found. Thread-safety: it does not change any more.</summary>
public sealed class MediumReport
{
    /// <summary>How many faults are kept one by one.</summary>
    public const int MaxFaults = 10_000;

    private readonly List<MediumFault> _faults = [];

    /// <summary>The faults, in the order of the check; the first <see cref="MaxFaults"/>.</summary>
    public IReadOnlyList<MediumFault> Faults => _faults;

    /// <summary>How many there are in all.</summary>
    public long FaultCount { get; private set; }

    /// <summary>Sectors that were looked at: of all arenas.</summary>
    public long Sectors { get; internal set; }

    /// <summary>Sectors never written.</summary>
    public long UnwrittenSectors { get; internal set; }

    /// <summary>Sectors that read as zeros because somebody trimmed them.</summary>
    public long ZeroedSectors { get; internal set; }

    /// <summary>Sectors that somebody marked as in error: reading them fails, writing them heals them. No fault of the medium's
    /// structure.</summary>
    public long SectorsInError { get; internal set; }

    /// <summary>Writes that were interrupted after their log entry: opening for writing finishes them. No fault either.</summary>
    public int InterruptedWrites { get; internal set; }

    /// <summary>Whether nothing was found.</summary>
    public bool IsSound => FaultCount == 0;

    /// <summary>The first fault because of which the namespace must not be used as if it were whole.</summary>
    internal MediumFault? FirstStructural { get; private set; }

    internal void Add(MediumFaultKind kind, long offset, string message)
    {
        var fault = new MediumFault(kind, offset, message);
        if (fault.IsStructural)
            FirstStructural ??= fault;
        if (FaultCount++ < MaxFaults)
            _faults.Add(fault);
    }
}
