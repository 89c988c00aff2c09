namespace Percpu.Pagemap;

/// <summary>What a check of a medium found.</summary>
public enum MediumFaultKind
{
    /// <summary>Not told.</summary>
    Unknown,

    /// <summary>An info block is damaged, missing, or refused.</summary>
    InfoBlock,

    /// <summary>The copy of an info block is damaged, or is no copy. Nobody needs it to open the namespace.</summary>
    InfoCopy,

    /// <summary>An arena has its error flag set: it can be read, not written.</summary>
    ErrorFlag,

    /// <summary>The entries of a lane's log have the same or impossible sequence numbers, or stand in two layouts.</summary>
    LogSequence,

    /// <summary>The newer entry of a lane's log names a sector or block that is not there.</summary>
    LogEntry,

    /// <summary>An entry of the map names a block that is not there.</summary>
    MapEntry,

    /// <summary>Two sectors or lanes have the same block.</summary>
    SharedBlock,

    /// <summary>Neither a sector nor a lane has a block.</summary>
    LostBlock,

    /// <summary>A label or index block of a label area is damaged, or contradicts another.</summary>
    Label,
}
