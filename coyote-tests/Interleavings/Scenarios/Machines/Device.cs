using Percpu.Interleavings.Running;
using Percpu.Memory;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A device with one page of memory and a registered map.</summary>
internal sealed unsafe class Device
{
    private readonly Stage _stage;
    private readonly PercpuRef _reference;
    private readonly DevPagemap _map;
    private readonly long* _memory;
    private readonly int _blocks;

    internal Device(Stage stage)
    {
        _stage = stage;
        _reference = stage.Named(new PercpuRef(), "device");
        Table = new PagemapTable(stage.Domain());
        _blocks = stage.Execution.Heap.Outstanding;
        _memory = (long*)NativeBlocks.Allocate(64);
        stage.Execution.Names.Add(((long)_memory, "page"));
        _map = Table.Register(new PfnRange(new Pfn(0), PagemapTable.PagesPerSubsection), _reference);
    }

    internal PagemapTable Table { get; }

    internal Pfn Page { get; } = new(7);

    internal void Use(DevPagemap map)
    {
        _stage.Check(ReferenceEquals(map, _map), "Another map was found.");
        Atomic.LoadAcquire(_memory); // Freed, if the device is gone.
    }

    internal void TearDown()
    {
        _reference.Kill();
        _reference.WaitForRelease(Timeout.InfiniteTimeSpan);
        Table.Unregister(_map);
        NativeBlocks.Free(_memory);
        _stage.Check(Table.GetDevPagemap(Page) is null, "Found after it was unregistered.");
    }

    internal void MustBeGone() =>
        _stage.Check(_stage.Execution.Heap.Outstanding == _blocks, "Native blocks leaked.");
}
