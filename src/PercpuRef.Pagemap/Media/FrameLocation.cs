namespace Percpu.Pagemap;

/// <summary>Where the frames of a <see cref="NamespaceMode.Pfn"/> or <see cref="NamespaceMode.Dax"/> namespace are kept.</summary>
/// <remarks>Kernel: <c>enum nd_pfn_mode</c>; <c>ndctl</c>'s <c>--map</c>. The numbers are those on the medium.</remarks>
public enum FrameLocation
{
    /// <summary>Not told.</summary>
    None,

    /// <summary>In the host's memory (<c>mem</c>).</summary>
    Memory = 1,

    /// <summary>On the medium, between info block and data (<c>dev</c>): the altmap.</summary>
    Medium = 2,
}
