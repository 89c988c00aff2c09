namespace Percpu.Pagemap;

/// <summary>The label area at the end of a range: the list of the namespaces that the range is divided into.</summary>
/// <remarks>
/// <para>A range as QEMU keeps an NVDIMM in a file: data, and the last bytes are the area (<c>label-size</c>). Labels 1.1 and 1.2,
/// of one DIMM. <c>ndctl init-labels</c>, <c>create-namespace</c>, <c>destroy-namespace</c>.</para>
/// <para>Each change writes the index block that does not count at present, and its last store makes it count: after a crash
/// the list is as before or as after. Thread-safety: every member, from any thread; no two processes at once.</para>
/// </remarks>
public sealed partial class LabelArea
{
    private List<PmemNamespace> _namespaces = []; // Each replaced whole.
    private List<NamespaceLabel> _labels = [];
    private List<MediumFault> _faults = [];
    private readonly long _start;

    private LabelArea(PhysicalRegion region, long size)
    {
        Region = region;
        Size = size;
        _start = region.Memory.Length - size;
    }

    /// <summary>The range.</summary>
    public PhysicalRegion Region { get; }

    /// <summary>Bytes of the area.</summary>
    public long Size { get; }

    /// <summary>Bytes before the area, which namespaces may have.</summary>
    public long Capacity => _start;

    /// <summary>The version of its labels: 1.1 or 1.2.</summary>
    public Version Version { get; private set; } = new(1, 1);

    /// <summary>The namespaces, by address.</summary>
    public IReadOnlyList<PmemNamespace> Namespaces => _namespaces;

    /// <summary>Labels and index blocks that do not count, with the reason.</summary>
    public IReadOnlyList<MediumFault> Faults => _faults;

    /// <summary>Looks for an area at the end of a range.</summary>
    /// <returns>Its size; 0 if there is none, or nobody has written to it yet.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="region"/> is null.</exception>
    /// <exception cref="RangeBusyException">The whole range is claimed by a driver.</exception>
    public static long Find(PhysicalRegion region)
    {
        ArgumentNullException.ThrowIfNull(region);
        return Mapped(region, LabelIndex.FindArea);
    }

    /// <summary>Reads an area.</summary>
    /// <param name="region">The range.</param>
    /// <param name="size">Bytes of the area, which ends where the range ends; 0 to look for it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="region"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is no multiple of 4,096, below 128 KiB, or not below
    /// the range's.</exception>
    /// <exception cref="InfoBlockException">There is none, or both index blocks are damaged or contradict each other.</exception>
    public static LabelArea Open(PhysicalRegion region, long size = 0)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (size == 0 && (size = Find(region)) == 0)
            throw new InfoBlockException($"'{region.Name}' has no label area at its end.", InfoBlockFault.Missing);
        var area = new LabelArea(region, CheckSize(region, size));
        return Mapped(region, medium => area.Read(area.Window(medium)));
    }

    /// <summary>Makes an area without labels where none is: zeros.</summary>
    /// <param name="region">The range.</param>
    /// <param name="size">Bytes of the area.</param>
    /// <param name="minor">1 for labels 1.1, 2 for labels 1.2.</param>
    /// <exception cref="ArgumentNullException"><paramref name="region"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">As for <see cref="Open"/>; or another version; or so large (above 16 MiB with labels
    /// 1.1, above 32 MiB with 1.2) that its index block would be longer than any that is read.</exception>
    /// <exception cref="InfoBlockException">The area is not zeros; or the range holds a namespace without label, which would be lost.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="IOException">The medium failed or is full.</exception>
    public static LabelArea Create(PhysicalRegion region, long size, int minor = 1)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (minor is not (1 or 2))
            throw new ArgumentOutOfRangeException(nameof(minor), minor, "Labels have version 1.1 or 1.2.");
        var area = new LabelArea(region, CheckSize(region, size));
        if (LabelIndex.BlockSize(size, minor) > LabelIndex.LargestSize)
            throw new ArgumentOutOfRangeException(nameof(size), size, $"An index block has at most {LabelIndex.LargestSize} bytes: the area is too large for labels 1.{minor}.");
        return Mapped(region, medium =>
        {
            CheckEmpty(area.Window(medium));
            if (NamespaceContent.Find(new MediumWindow(medium, 0, area._start), default) is { Mode: not NamespaceMode.Raw } found)
                throw new InfoBlockException($"'{region.Name}' holds {found.Mode} without a label, which would be lost.", InfoBlockFault.Unexpected);
            LabelIndex.Create(size, minor, 1).Write(area.Window(medium), 0);
            LabelIndex second = LabelIndex.Create(size, minor, 2);
            second.Write(area.Window(medium), second.Size);
            return area.Read(area.Window(medium));
        });
    }

    /// <summary>Finds a namespace by its name or its uuid.</summary>
    /// <exception cref="ArgumentException">There is none, or several have that name.</exception>
    public PmemNamespace Find(string nameOrUuid)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrUuid);
        List<PmemNamespace> found = Guid.TryParse(nameOrUuid, out Guid uuid)
            ? _namespaces.FindAll(each => each.Uuid == uuid)
            : _namespaces.FindAll(each => each.Name == nameOrUuid);
        return found.Count == 1 ? found[0]
            : throw new ArgumentException($"{found.Count} namespaces are called '{nameOrUuid}'.", nameof(nameOrUuid));
    }

    private static T Mapped<T>(PhysicalRegion region, Func<IByteMedium, T> action)
    {
        region.Map();
        try
        {
            return action(new PmemMedium(region));
        }
        finally
        {
            region.Unmap();
        }
    }

    private static long CheckSize(PhysicalRegion region, long size) =>
        size >= LabelIndex.SmallestArea && size % InfoSignature.BlockSize == 0 && size < region.Memory.Length ? size
        : throw new ArgumentOutOfRangeException(nameof(size), size, $"A label area has at least {LabelIndex.SmallestArea} bytes, a multiple of {InfoSignature.BlockSize}, and less than the {region.Memory.Length} of '{region.Name}'.");

    private static void CheckEmpty(MediumWindow area)
    {
        Span<byte> chunk = stackalloc byte[4096];
        for (long at = 0; at < area.Length; at += chunk.Length)
        {
            area.Read(at, chunk);
            if (chunk.IndexOfAnyExcept((byte)0) >= 0)
                throw new InfoBlockException($"The label area is not empty: something stands at {at} of it.", InfoBlockFault.Foreign);
        }
    }

    private MediumWindow Window(IByteMedium medium) => new(medium, _start, Size);
}
