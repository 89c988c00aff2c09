namespace Percpu.Interleavings.Model;

/// <summary>What the machine may do between a thread's accesses and memory.</summary>
/// <param name="Name">The name on the command line and in traces.</param>
/// <param name="Buffers">Whether stores wait in a first-in first-out buffer of their thread (x86-TSO).</param>
/// <param name="Overtaking">Whether stores may overtake each other in the buffer, and reads that nobody waits for, unless they
/// are released or fenced (arm64).</param>
/// <param name="ProcessWideFence">Whether one thread can drain everybody's buffer. If not, every light fence is a full one.</param>
/// <param name="CpuStripes">Whether the library counts by processor, in restartable sequences.</param>
internal sealed record MemoryModel(string Name, bool Buffers, bool Overtaking, bool ProcessWideFence, bool CpuStripes = false)
{
    /// <summary>Every access takes effect at once, in program order.</summary>
    internal static MemoryModel Sequential { get; } = new("sc", Buffers: false, Overtaking: false, ProcessWideFence: true);

    /// <summary>x86: store buffers with forwarding.</summary>
    internal static MemoryModel TotalStoreOrder { get; } = new("tso", Buffers: true, Overtaking: false, ProcessWideFence: true);

    /// <summary>x86 in a runtime whose process-wide fence is not known to be one.</summary>
    internal static MemoryModel TotalStoreOrderFullFences { get; } = new("tso-full", Buffers: true, Overtaking: false, ProcessWideFence: false);

    /// <summary>As far as this seam can tell, arm64: a store may become visible before an earlier one, unless it is a
    /// release or a fence stands between them; and a read of which nobody waits for the value may happen after a later
    /// store, unless that is a release or a full fence stands between them. (Every other load of a word that others write
    /// is an acquire: none is early.)</summary>
    internal static MemoryModel Arm64 { get; } = new("arm64", Buffers: true, Overtaking: true, ProcessWideFence: true);

    /// <summary>The same in a runtime whose process-wide fence is not known to be one.</summary>
    internal static MemoryModel Arm64FullFences { get; } = new("arm64-full", Buffers: true, Overtaking: true, ProcessWideFence: false);

    /// <summary>The same machines, with stripes that belong to processors.</summary>
    internal static IReadOnlyList<MemoryModel> All { get; } =
    [
        Sequential, TotalStoreOrder, TotalStoreOrderFullFences, Arm64, Arm64FullFences,
        ByProcessor(Sequential), ByProcessor(TotalStoreOrder), ByProcessor(TotalStoreOrderFullFences), ByProcessor(Arm64), ByProcessor(Arm64FullFences),
    ];

    /// <summary>Lanes of a store buffer. Where stores overtake, the last one is for late reads.</summary>
    internal int Lanes => !Buffers ? 0 : Overtaking ? 4 : 1;

    internal static MemoryModel Parse(string name) =>
        All.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"No memory model '{name}'; there are {string.Join(", ", All.Select(model => model.Name))}.", nameof(name));

    private static MemoryModel ByProcessor(MemoryModel model) => model with { Name = model.Name + "-cpu", CpuStripes = true };
}
