using Percpu.Pagemap;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Pagemaps;

/// <summary>A range of frames at which one device after the other is plugged in.</summary>
internal sealed unsafe class DeviceSlot(int index, PfnRange range)
{
    private nint _memory;
    private PercpuRef? _reference;
    private int _killing;

    internal int Index { get; } = index;

    internal PfnRange Range { get; } = range;

    /// <summary>The present device's memory. Whoever holds a reference of its map finds it intact.</summary>
    internal Block Memory => new((long*)Volatile.Read(ref _memory));

    /// <summary>The present device's reference; set before the map can be found, replaced after it cannot any more.</summary>
    internal PercpuRef? Reference => Volatile.Read(ref _reference);

    /// <summary>A kill of the present device has begun.</summary>
    internal bool IsKilling
    {
        get => Volatile.Read(ref _killing) != 0;
        set => Volatile.Write(ref _killing, value ? 1 : 0);
    }

    internal void Plug(Block memory, PercpuRef reference)
    {
        Volatile.Write(ref _memory, (nint)memory.Address);
        Volatile.Write(ref _reference, reference);
        IsKilling = false;
    }
}
