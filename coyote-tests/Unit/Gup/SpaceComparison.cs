using System.Runtime.CompilerServices;
using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>Compares everything that an address space shows with a <see cref="SpaceModel"/>.</summary>
internal sealed class SpaceComparison(GupMachine machine, SpaceModel model, bool diskHasPages, ulong diskPages)
{
    private const ulong PageSize = GupMachine.PageSize;
    private const ulong RamPages = 2048;

    /// <summary>Where areas are put: from the first page of all on, and over a border of all levels of tables.</summary>
    internal static readonly ulong[] Windows = [0, (1UL << 39) - (850 * PageSize)];

    internal const ulong WindowPages = 1700;

    internal void Check(string after)
    {
        CheckEntries(after);
        CheckFrames(after);
        Assert.Equal((model.Faults, 0L), (machine.Memory.MinorFaults, machine.Memory.MajorFaults));
        Assert.Equal(model.Ram.Count, machine.Space.AllocatedPages);
        Assert.Equal(model.DevicePins + 1, machine.Disk.Queue.Usage.ApproximateCount);
        Assert.Equal(model.Areas.Count(static each => each.Kind == AreaKind.Dax), Mappings(machine.Disk).Count);
    }

    internal void CheckEntries(string after)
    {
        foreach (ulong window in Windows)
        {
            for (ulong at = window; at < window + (WindowPages * PageSize); at += PageSize)
                CheckEntry(at, after);
        }
        foreach (Area area in model.Areas)
        {
            foreach (ulong at in (ulong[])[area.Start - 1, area.Start, area.End - 1, area.End])
            {
                if (machine.Memory.FindArea(at) != model.Find(at))
                    Assert.Fail($"After {after} another area is found at 0x{at:x}.");
            }
        }
    }

    /// <summary>Whom a disk tells that it is gone.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_mappings")]
    internal static extern ref List<(object Key, Action<object> Gone)> Mappings(PmemDisk disk);

    /// <summary>What pages hold, byte for byte.</summary>
    internal void CheckData()
    {
        foreach (ModelFrame frame in model.Ram)
            Assert.True(machine.Space.Memory(machine.Space.PfnToPage(frame.Pfn!.Value)).SequenceEqual(frame.Data), $"{frame.Pfn} holds other bytes.");
        byte[] bytes = new byte[PageSize];
        for (ulong i = 0; i < diskPages; i++)
        {
            machine.Disk.Read((long)(i * PageSize), bytes);
            Assert.True(bytes.AsSpan().SequenceEqual(model.Device(new Pfn(GupMachine.First.Value + i)).Data), $"Page {i} of the disk holds other bytes.");
        }
    }

    private unsafe void CheckEntry(ulong at, string after)
    {
        (ModelFrame? frame, Pfn pfn, long bits) = model.At(at);
        PageTableEntry found = machine.Memory.Lookup(at);
        if (frame is { Pfn: null })
            frame.Pfn = found.Pfn;
        PageTableEntry expected = bits == 0 ? default : PageTableEntry.Create(frame?.Pfn ?? pfn, bits);
        if (found != expected)
            Assert.Fail($"After {after} the entry of 0x{at:x} is 0x{found.Value:x}, not 0x{expected.Value:x}.");
        if ((at & (GupMachine.LargeSize - 1)) != 0)
            return;
        long* slot = machine.Memory.Pages.FindLarge(at);
        if (model.HasTable(at) != (slot != null && *slot != 0 && (*slot & PageTableEntry.LargeBit) == 0))
            Assert.Fail($"After {after} there is {(model.HasTable(at) ? "no" : "a")} table for 0x{at:x}.");
    }

    private void CheckFrames(string after)
    {
        Dictionary<ulong, ModelFrame> ram = model.Ram.ToDictionary(frame => frame.Pfn!.Value.Value);
        for (ulong i = 0; i < RamPages; i++)
        {
            Page page = machine.Space.PfnToPage(new Pfn(i));
            ModelFrame? frame = ram.GetValueOrDefault(i);
            if (page.Count != (frame?.Holders ?? 0) || (frame is not null && page.Flags != frame.Marks))
                Assert.Fail($"After {after} page {i} of RAM has count {page.Count} and flags {page.Flags}, not {frame?.Holders} and {frame?.Marks}.");
        }
        for (ulong i = 0; diskHasPages && i < diskPages; i++)
        {
            Page page = machine.Space.PfnToPage(new Pfn(GupMachine.First.Value + i));
            PageFlags marks = model.MarksOfDevice(i);
            if (page.Count != 1 || page.Flags != (PageFlags.Device | marks))
                Assert.Fail($"After {after} page {i} of the disk has count {page.Count} and flags {page.Flags}, not {marks}.");
        }
    }
}
