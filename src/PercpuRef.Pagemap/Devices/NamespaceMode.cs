namespace Percpu.Pagemap;

/// <summary>What a namespace holds.</summary>
/// <remarks>Kernel: the claim on a <c>struct nd_namespace_common</c>.</remarks>
public enum NamespaceMode
{
    /// <summary>Plain bytes.</summary>
    Raw,

    /// <summary>An info block, the frames of its pages, then data. Kernel: <c>nd_pfn</c>.</summary>
    Pfn,

    /// <summary>Sectors whose writes are atomic over a crash. Kernel: <c>nd_btt</c>.</summary>
    Btt,
}
