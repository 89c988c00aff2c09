namespace Percpu.Pagemap;

/// <summary>What a namespace holds.</summary>
/// <remarks>Kernel: the claim on a <c>struct nd_namespace_common</c>. In brackets what <c>ndctl</c> calls it.</remarks>
public enum NamespaceMode
{
    /// <summary>Plain bytes (<c>raw</c>).</summary>
    Raw,

    /// <summary>An info block, the frames of its pages, then data (<c>fsdax</c>). Kernel: <c>nd_pfn</c>.</summary>
    Pfn,

    /// <summary>Sectors whose writes are atomic over a crash (<c>sector</c>). Kernel: <c>nd_btt</c>.</summary>
    Btt,

    /// <summary>As <see cref="Pfn"/>, but with another signature (<c>devdax</c>). Kernel: <c>nd_dax</c>; it has no disk there,
    /// here it has one.</summary>
    Dax,
}
