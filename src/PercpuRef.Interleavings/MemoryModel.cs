namespace Percpu.Interleavings;

/// <summary>What the machine may do between a thread's accesses and memory.</summary>
public sealed record MemoryModel
{
    private MemoryModel(string name, bool buffers, bool overtaking, bool processWideFence, bool earlyLoads = false)
    {
        Name = name;
        Buffers = buffers;
        Overtaking = overtaking;
        ProcessWideFence = processWideFence;
        EarlyLoads = earlyLoads;
    }

    /// <summary>"sc": every access takes effect at once, in program order.</summary>
    public static MemoryModel Sequential { get; } = new("sc", buffers: false, overtaking: false, processWideFence: true);

    /// <summary>"tso": x86. A store waits in a first-in first-out buffer of its thread, which alone sees it there; whatever is
    /// interlocked, and a full fence, empties the buffer first.</summary>
    public static MemoryModel TotalStoreOrder { get; } = new("tso", buffers: true, overtaking: false, processWideFence: true);

    /// <summary>"arm64": besides, a store may reach memory before an earlier one unless it is a release or a write fence stands between;
    /// and a load may be done before earlier loads, back to the last acquiring load, read fence or full fence.</summary>
    /// <remarks>A model of ours and not the architecture's: no load is late, no store comes before an earlier load, and an address that was
    /// loaded keeps nothing in order, so that links are to be read by acquiring loads.</remarks>
    public static MemoryModel Arm64 { get; } = new("arm64", buffers: true, overtaking: true, processWideFence: true, earlyLoads: true);

    /// <summary>x86 in a runtime whose process-wide fence is not known to be one.</summary>
    internal static MemoryModel TotalStoreOrderFullFences { get; } = new("tso-full", buffers: true, overtaking: false, processWideFence: false);

    /// <summary>As far as the library's seam can tell, arm64: a store may become visible before an earlier one, unless it is a
    /// release or a fence stands between them; and a read of which nobody waits for the value may happen after a later
    /// store, unless that is a release or a full fence stands between them. (Every other load of a word that others write
    /// is an acquire: none is early.)</summary>
    internal static MemoryModel Arm64Acquiring { get; } = new("arm64", buffers: true, overtaking: true, processWideFence: true);

    /// <summary>The same in a runtime whose process-wide fence is not known to be one.</summary>
    internal static MemoryModel Arm64FullFences { get; } = new("arm64-full", buffers: true, overtaking: true, processWideFence: false);

    /// <summary><see cref="Arm64"/> for the library's own scenarios, of use only where one of its acquires is made plain.</summary>
    internal static MemoryModel Arm64Early { get; } = Arm64 with { Name = "arm64-early" };

    /// <summary>The models of the library's own scenarios, and the same machines with stripes that belong to processors.</summary>
    internal static IReadOnlyList<MemoryModel> All { get; } =
    [
        Sequential, TotalStoreOrder, TotalStoreOrderFullFences, Arm64Acquiring, Arm64FullFences, Arm64Early,
        ByProcessor(Sequential), ByProcessor(TotalStoreOrder), ByProcessor(TotalStoreOrderFullFences), ByProcessor(Arm64Acquiring), ByProcessor(Arm64FullFences),
    ];

    /// <summary>The name in traces.</summary>
    public string Name { get; private init; }

    /// <summary>Whether stores wait in a first-in first-out buffer of their thread (x86-TSO).</summary>
    internal bool Buffers { get; }

    /// <summary>Whether stores may overtake each other in the buffer, and reads that nobody waits for, unless they are released or fenced.</summary>
    internal bool Overtaking { get; }

    /// <summary>Whether one thread can drain everybody's buffer. If not, every light fence is a full one.</summary>
    internal bool ProcessWideFence { get; }

    /// <summary>Whether loads may be done before earlier ones that do not acquire.</summary>
    internal bool EarlyLoads { get; }

    /// <summary>Whether the library counts by processor, in restartable sequences.</summary>
    internal bool CpuStripes { get; private init; }

    /// <summary>Lanes of a store buffer. Where stores overtake, the last one is for late reads.</summary>
    internal int Lanes => !Buffers ? 0 : Overtaking ? 4 : 1;

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static MemoryModel Parse(string name) => Find(All, name);

    /// <summary>One of the three that are public.</summary>
    internal static MemoryModel ParsePublic(string name) => Find([Sequential, TotalStoreOrder, Arm64], name);

    private static MemoryModel Find(IReadOnlyList<MemoryModel> models, string name) =>
        models.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"No memory model '{name}'; there are {string.Join(", ", models.Select(model => model.Name))}.", nameof(name));

    private static MemoryModel ByProcessor(MemoryModel model) => model with { Name = model.Name + "-cpu", CpuStripes = true };
}
