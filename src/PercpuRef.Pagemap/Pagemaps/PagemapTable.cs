using System.Runtime.CompilerServices;

namespace Percpu.Pagemap;

/// <summary>
/// One "physical" address space: finds the map that a page frame belongs to, and pins it. Any number of tables may exist.
/// </summary>
/// <remarks>
/// <para>Kernel: <c>pgmap_radix</c>, <c>get_dev_pagemap</c>, <c>put_dev_pagemap</c> of Linux 4.5.</para>
/// <para>Thread-safety: every member may be called from any thread at any time. Lookups read the table inside a read
/// section of an epoch domain and never wait; registering and unregistering exclude each other.</para>
/// <para>A registered map is kept alive by its table, also when both are otherwise dropped: unregister it.</para>
/// </remarks>
public sealed partial class PagemapTable
{
    /// <summary>Frames of a section: a table entry. Two maps may not share one. Kernel: <c>PAGES_PER_SECTION</c>, 128 MiB.</summary>
    public const ulong PagesPerSection = 1UL << SectionShift;

    /// <summary>Frames to which a map's start and length are aligned: 2 MiB. Kernel: <c>PAGES_PER_SUBSECTION</c>.</summary>
    public const ulong PagesPerSubsection = 512;

    /// <summary>The largest map: 2^34 frames, 64 TiB, which take 4 MiB of table. What Linux 4.5 can address on x86-64 at
    /// all; a longer one is a mistake, and would ask for memory until there is none.</summary>
    public const ulong MaxPages = 1UL << 34;

    private const int SectionShift = 15;

    private readonly EpochDomain _epoch;
    private readonly SectionTree _sections = new();

    /// <summary>Creates an empty table.</summary>
    /// <param name="epoch">The domain in whose read sections the table is read; null for <see cref="EpochDomain.Shared"/>.</param>
    public PagemapTable(EpochDomain? epoch = null) => _epoch = epoch ?? EpochDomain.Shared;

    /// <summary>Finds the live map of a frame and takes one of its references.</summary>
    /// <param name="pfn">The frame.</param>
    /// <param name="cached">A map of which the caller holds a reference. If the frame lies in it, the call is one blind
    /// get, also while that map is dying; if not, it is a lookup, and the caller's reference stays as it is.</param>
    /// <returns>The map with a reference of its own, to be given back by <see cref="PutDevPagemap"/>; null where no map
    /// is registered or its reference was killed.</returns>
    /// <exception cref="InvalidOperationException">The caller holds no reference of <paramref name="cached"/>, and it is released.</exception>
    /// <exception cref="ObjectDisposedException">The epoch domain was disposed.</exception>
    /// <remarks>Never blocks, never allocates but for a thread's first. A lookup that meets a kill may be the call that
    /// runs the reference's release callback, inside a read section: the callback must not unregister the map or wait for
    /// a grace period itself, but tell somebody. Kernel: <c>get_dev_pagemap</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DevPagemap? GetDevPagemap(Pfn pfn, DevPagemap? cached = null)
    {
        if (cached is not null && cached.Contains(pfn) && ReferenceEquals(cached.Table, this))
        {
            cached.Reference.Get();
            return cached;
        }
        return Lookup(pfn);
    }

    /// <summary>Gives back a reference that <see cref="GetDevPagemap"/> took.</summary>
    /// <param name="pagemap">The map; null does nothing.</param>
    /// <exception cref="InvalidOperationException">One put too many, where it can be seen.</exception>
    /// <remarks>Never blocks; the last put after a kill runs the reference's release callback. Kernel: <c>put_dev_pagemap</c>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutDevPagemap(DevPagemap? pagemap) => pagemap?.Reference.Put();

    private DevPagemap? Lookup(Pfn pfn)
    {
        // The read section keeps the table's nodes and the map's entry until the reference is taken; the reference then
        // keeps what it protects.
        using EpochReader reader = _epoch.Enter();
        DevPagemap? map = _sections.Find(pfn.Value >> SectionShift);
        return map is not null && map.Contains(pfn) && map.Reference.TryGetLive() ? map : null;
    }
}
