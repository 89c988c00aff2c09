using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Percpu.Pagemap;

namespace Percpu.Microbenchmarks;

/// <summary>A batch of pages of a mapped pmem disk, pinned and given back.</summary>
[BenchmarkCategory("gup")]
public class GupBatch
{
    private readonly Page[] _all = new Page[512];
    private PhysicalSpace _space = null!;
    private Device _device = null!;
    private AddressSpace _memory = null!;
    private ulong _start;

    [Params(1, 16, 512)]
    public int Pages { get; set; }

    [Params(false, true)]
    public bool Large { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _space = new PhysicalSpace();
        var table = new PagemapTable(_space);
        _device = new Device(table, "pmem0");
        PhysicalRegion region = _space.AddDevice(new PfnRange(new Pfn(PagemapTable.PagesPerSection), 2_048), "pmem0");
        var disk = (PmemDisk)PmemDriver.Bind(_device, new PmemNamespace(region, mapPages: true)).Disk;
        _memory = new AddressSpace(table);
        _start = _memory.MapDax(disk, 0, 512 << Pfn.PageShift, address: (8UL << 21) + (Large ? 0UL : 1UL << Pfn.PageShift)).Start;
        _memory.GetUserPages(_start, _all, GupFlags.None);
    }

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Fast()
    {
        using PinnedPages pinned = _memory.PinUserPages(_start, _all.AsSpan(0, Pages));
        return pinned.Pages.Length;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Slow()
    {
        int found = _memory.GetUserPages(_start, _all.AsSpan(0, Pages), GupFlags.Get);
        AddressSpace.PutPages(_all.AsSpan(0, found));
        return found;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _memory.Dispose();
        _device.Remove();
        _space.Dispose();
    }
}
