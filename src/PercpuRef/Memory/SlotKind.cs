namespace Percpu.Memory;

/// <summary>What a slot is for.</summary>
internal enum SlotKind
{
    /// <summary>A reference that others of its kind may share a line with: half a line, four words.</summary>
    Count,

    /// <summary>A reference with a line of its own: seven words.</summary>
    CountLine,

    /// <summary>An epoch domain: seven words of a line, and stripes that start at zero.</summary>
    Readers,
}
