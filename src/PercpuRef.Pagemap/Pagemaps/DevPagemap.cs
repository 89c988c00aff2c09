using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A range of page frames of a device, and the reference that pins them.</summary>
/// <remarks>Kernel: <c>struct dev_pagemap</c>. Immutable; may be read from any thread.</remarks>
public sealed class DevPagemap : FrameOwner
{
    private readonly ulong _start;
    private readonly ulong _length;
    private readonly Action<Page>? _pageFree;

    internal DevPagemap(
        PagemapTable table, PfnRange range, PercpuRef reference, VmemAltmap? altmap = null, Action<Page>? pageFree = null,
        bool unaddressable = false, string? hostName = null)
    {
        Table = table;
        Reference = reference;
        Altmap = altmap;
        HostName = hostName;
        _start = range.Start.Value;
        _length = range.Length;
        _pageFree = pageFree;
        InitialFlags = PageFlags.Device | (unaddressable ? PageFlags.Unaddressable : PageFlags.None);
    }

    /// <summary>The frames of the map.</summary>
    public PfnRange Range => new(new Pfn(_start), _length);

    /// <summary>Pins the map: whoever holds one of its references may use the frames. Killed before the map is unregistered.</summary>
    public PercpuRef Reference { get; }

    /// <summary>The table in which the map was registered.</summary>
    public PagemapTable Table { get; }

    /// <summary>How the front of the range is given to the frames; null if they lie elsewhere. The map's own copy.</summary>
    public VmemAltmap? Altmap { get; }

    /// <summary>The device's name, for messages; null for a map that no device registered. Kernel: <c>dev</c>.</summary>
    public string? HostName { get; }

    /// <summary>Whoever drives the memory behind the map, for the layers above; set before the map is registered.</summary>
    /// <remarks>Kernel: <c>data</c>, and what <c>page_fault</c> is called with.</remarks>
    internal object? Driver { get; init; }

    /// <summary>Whether pins count each page, because somebody is told when a page is idle. Else a pin is one reference
    /// of the map and the pages' counts stay as they are.</summary>
    public bool CountsPages => _pageFree is not null;

    /// <summary>The first frame that has a usable page: behind what the altmap reserved or gave to the frames.</summary>
    /// <remarks>Kernel: <c>pfn_first</c>.</remarks>
    public Pfn FirstPfn => new(_start + (Altmap?.Offset ?? 0));

    /// <summary>The first frame after the map. Kernel: <c>pfn_end</c>.</summary>
    public Pfn EndPfn => new(_start + _length);

    internal override long IdleCount => 1;

    internal override PageFlags InitialFlags { get; }

    internal override long InitialLru => PageFrame.ListPoison;

    /// <summary>Whether a frame lies in the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(Pfn pfn) => pfn.Value - _start < _length;

    internal override void Hold(long count) => Reference.GetMany(count);

    internal override void Drop(long count) => Reference.PutMany(count);

    internal override void PageIdle(Page page)
    {
        try
        {
            _pageFree?.Invoke(page);
        }
        catch (Exception exception)
        {
            PercpuEventSource.Log.CallbackFailed("PageFree", exception);
            throw;
        }
    }
}
