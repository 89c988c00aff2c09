using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Torture;

namespace Percpu.Programs;

/// <summary>Makes the JIT compile every method of <see cref="Hot"/>.</summary>
public static class HotPaths
{
    public static void Run()
    {
        var reference = new PercpuRef();
        NativeSlab slab = NativeSlab.Allocate(4096);
        var cell = new MappedCell<NativeSlab>(slab);
        MappedView view = slab.View(8, 8);
        Warm(reference, slab); // First everything once: statics are constants to code that is compiled after that.
        Warm(reference, slab);
        Hot.GetPut(reference, 10);
        Hot.GetPutOfThread(reference, 10);
        Hot.RefPin(reference, 10, new int[16]);
        Hot.Put(reference, new int[16]);
        Hot.ReadByte(slab, 10);
        Hot.ReadByteOfThread(slab, 10);
        Hot.Pin(slab, 10);
        Hot.PinOfThread(slab, 10);
        Hot.View(view, 10);
        Hot.Cell(cell, 10);
        Hot.Epoch(EpochDomain.Shared, 10, new int[16]);
        Hot.CallReadByte(slab);
        Hot.CallPin(slab);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Warm(PercpuRef reference, NativeSlab slab)
    {
        reference.Get();
        reference.Put();
        slab.ReadByte(0);
        using MappedPin pin = slab.Pin();
        using EpochReader reader = EpochDomain.Shared.Enter();
    }
}
