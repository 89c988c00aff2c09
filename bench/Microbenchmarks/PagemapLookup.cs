using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Percpu.Pagemap;

namespace Percpu.Microbenchmarks;

/// <summary>The map of one page frame taken and given back, in a table of 64 maps: by a caller that holds it, and looked up.</summary>
[BenchmarkCategory("pagemap")]
public class PagemapLookup
{
    private const int Maps = 64;

    private readonly PagemapTable _table = new();
    private readonly DevPagemap[] _maps = new DevPagemap[Maps];
    private DevPagemap? _held;
    private Pfn _pfn;

    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < Maps; i++)
            _maps[i] = _table.Register(new PfnRange(new Pfn((ulong)(i + 8) * PagemapTable.PagesPerSection), 2_048), new PercpuRef());
        _pfn = new Pfn(_maps[Maps / 2].Range.Start.Value + 777);
        _held = _table.GetDevPagemap(_pfn);
    }

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Pin()
    {
        PercpuRef reference = _held!.Reference;
        bool taken = reference.TryGetLive();
        if (taken)
            reference.Put();
        return taken;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Cached()
    {
        DevPagemap? map = _table.GetDevPagemap(_pfn, _held);
        PagemapTable.PutDevPagemap(map);
        return map is not null;
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Lookup()
    {
        DevPagemap? map = _table.GetDevPagemap(_pfn);
        PagemapTable.PutDevPagemap(map);
        return map is not null;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        PagemapTable.PutDevPagemap(_held);
        foreach (DevPagemap map in _maps)
        {
            map.Reference.Kill();
            _table.Unregister(map);
        }
    }
}
