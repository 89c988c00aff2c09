using Percpu.Memory;

namespace Percpu.Unit.Memory;

/// <summary>The slots of one slab, without a pool.</summary>
public sealed unsafe class SlabTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void I25_each_slot_is_rented_once_and_belongs_to_its_owner(int kind)
    {
        const int run = 3;
        var slab = new Slab(run, (SlotKind)kind);
        object[] owners = [.. Enumerable.Range(0, Slab.Slots).Select(_ => new object())];
        HashSet<long> rented = [];
        for (int i = 0; i < Slab.Slots; i++)
        {
            Assert.Equal((i, Slab.Slots - i), (slab.RentedCount, slab.FreeCount));
            Slot slot = slab.Rent(owners[i]);
            long index = slot.Number - (long)run * Slab.Slots;
            Assert.InRange(index, 0, Slab.Slots - 1);
            Assert.True(rented.Add(index), $"Slot {index} was rented twice.");
            Assert.Same(owners[i], slab.OwnerOf((int)index));
            Assert.Equal((slot.Number, (nint)slot.Words), (slab.SlotAt((int)index).Number, (nint)slab.SlotAt((int)index).Words));
            Assert.False(slab.TryReclaim((int)index));
        }
        Assert.Equal((Slab.Slots, 0), (slab.RentedCount, slab.FreeCount));
        GC.KeepAlive(owners);
        slab.Release();
    }
}
