using Percpu.Memory;

namespace Percpu.Unit.Memory;

/// <summary>The slots of one run, without a pool.</summary>
public sealed unsafe class SlotRunTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void I25_each_slot_is_rented_once_and_belongs_to_its_owner(int kind)
    {
        const int number = 3;
        var run = new SlotRun(number, (SlotKind)kind);
        object[] owners = [.. Enumerable.Range(0, SlotRun.Slots).Select(_ => new object())];
        HashSet<long> rented = [];
        for (int i = 0; i < SlotRun.Slots; i++)
        {
            Assert.Equal((i, SlotRun.Slots - i), (run.RentedCount, run.FreeCount));
            Slot slot = run.Rent(owners[i]);
            long index = slot.Number - (long)number * SlotRun.Slots;
            Assert.InRange(index, 0, SlotRun.Slots - 1);
            Assert.True(rented.Add(index), $"Slot {index} was rented twice.");
            Assert.Same(owners[i], run.OwnerOf((int)index));
            Assert.Equal((slot.Number, (nint)slot.Words), (run.SlotAt((int)index).Number, (nint)run.SlotAt((int)index).Words));
            Assert.False(run.TryReclaim((int)index));
        }
        Assert.Equal((SlotRun.Slots, 0), (run.RentedCount, run.FreeCount));
        GC.KeepAlive(owners);
        run.Release();
    }
}
