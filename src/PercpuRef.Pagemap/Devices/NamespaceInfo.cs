namespace Percpu.Pagemap;

/// <summary>What a namespace was found to be. Thread-safety: it does not change.</summary>
public sealed class NamespaceInfo
{
    internal NamespaceInfo(PmemNamespace space, NamespaceContent? content, InfoBlockException? problem)
    {
        Namespace = space;
        Problem = problem;
        if (content is null)
            return;
        Mode = content.Mode;
        IsLegacy = content.Legacy is not null;
        IsPool = content.Pool is not null;
        ParentUuid = content.Pool?.Set ?? content.Pfn?.Parent ?? Guid.Empty;
        if (content.Arenas is [(long start, BttInfo first), ..])
        {
            Uuid = first.Uuid;
            ParentUuid = first.Parent;
            Version = new Version(first.Major, first.Minor);
            BlockOffset = start;
            InternalSectorSize = (int)first.InternalSize;
            HasErrorFlag = content.Arenas.Any(each => each.Info.IsError);
        }
        Arenas = content.Arenas.Count;
        SectorSize = Mode == NamespaceMode.Btt ? (int)(content.Arenas is [(_, BttInfo info), ..] ? info.SectorSize : content.Pool?.SectorSize ?? (uint)content.Legacy!.Value.SectorSize) : 512;
        Sectors = Mode == NamespaceMode.Btt ? content.Arenas.Sum(each => (long)each.Info.Sectors) : space.Length / SectorSize;
        if (content.Legacy is { } legacy)
        {
            BlockOffset = InfoSignature.BlockSize;
            DataOffset = Mode == NamespaceMode.Pfn ? legacy.DataOffset : 0;
            Sectors = Mode == NamespaceMode.Pfn ? (space.Length - DataOffset) / SectorSize : legacy.Sectors;
        }
        if (content.Pfn is not { } pfn)
            return;
        Uuid = pfn.Uuid;
        Version = new Version(pfn.Major, pfn.Minor);
        BlockOffset = InfoSignature.BlockSize;
        DataOffset = pfn.StartPad + pfn.DataOffset;
        Frames = pfn.Location;
        Alignment = (int)pfn.Alignment;
        Sectors = (pfn.End(space.Offset, space.Length) - DataOffset) / SectorSize;
    }

    /// <summary>Whose it is.</summary>
    public PmemNamespace Namespace { get; }

    /// <summary>Why it cannot be opened, or null. Everything below is then unknown.</summary>
    public InfoBlockException? Problem { get; }

    /// <summary>What it holds; null if that is refused.</summary>
    public NamespaceMode? Mode { get; }

    /// <summary>Whether it is in the format of the library's first version.</summary>
    public bool IsLegacy { get; }

    /// <summary>Whether it is a pool file of libpmemblk.</summary>
    public bool IsPool { get; }

    /// <summary>Of the info block; zeros without one.</summary>
    public Guid Uuid { get; }

    /// <summary>Of the namespace or pool that the block belongs to; zeros without a label.</summary>
    public Guid ParentUuid { get; }

    /// <summary>Of the info block; null without one.</summary>
    public Version? Version { get; }

    /// <summary>Where the info block stands, in bytes from the namespace's start.</summary>
    public long BlockOffset { get; }

    /// <summary>Bytes of a sector, its metadata included.</summary>
    public int SectorSize { get; }

    /// <summary>What a btt's sector takes on the medium.</summary>
    public int InternalSectorSize { get; }

    /// <summary>Sectors of the disk; 0 for a pool that was never written, which has as many as will fit.</summary>
    public long Sectors { get; }

    /// <summary>Arenas of a btt.</summary>
    public int Arenas { get; }

    /// <summary>Whether an arena is flagged as in error: it can be read, not written.</summary>
    public bool HasErrorFlag { get; }

    /// <summary>Where data of a pfn or dax namespace begin.</summary>
    public long DataOffset { get; }

    /// <summary>Where its page frames are kept.</summary>
    public FrameLocation Frames { get; }

    /// <summary>What its data are aligned to, in bytes; 0 where the block does not say.</summary>
    public int Alignment { get; }
}
