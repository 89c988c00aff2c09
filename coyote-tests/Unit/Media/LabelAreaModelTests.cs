using System.Buffers.Binary;
using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Namespaces that are made and deleted at random, and the same on a list: what is listed, and every byte of the label area.</summary>
public sealed class LabelAreaModelTests
{
    private const long Size = 128 << 10, Capacity = 112L << 20, Unit = 16 << 20;

    private readonly record struct Known(uint Slot, string Name, Guid Uuid, long Offset, long Length, NamespaceMode Mode);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void I72_a_change_writes_one_label_and_the_index_block_that_did_not_count(int minor)
    {
        Needs.RangesBackedByFiles();
        using var machine = new TestMachine();
        PhysicalRegion region = machine.Space.AddDevice(new PfnRange(new Pfn(1 << 20), (ulong)(Capacity + Size) >> Pfn.PageShift), "dimm", machine.NewFile(Capacity + Size));
        LabelArea area = LabelArea.Create(region, Size, minor);
        var random = new Random(minor);
        var model = new List<Known>();
        byte[] bytes = ReadArea(region);
        uint sequence = 2;
        int blockSize = LabelIndex.Create(Size, minor, 1).Size, at = 0;
        for (int step = 0; step < 60; step++)
        {
            uint? written = null;
            if (model.Count > 0 && random.Next(5) < 2)
            {
                Known gone = model[random.Next(model.Count)];
                model.Remove(gone);
                area.Delete(area.Namespaces.Single(each => each.Uuid == gone.Uuid));
            }
            else if (Create(area, model, random) is { } made)
            {
                written = made.Slot;
            }
            else
            {
                Assert.Equal(bytes, ReadArea(region)); // Refused: nothing was written.
                continue;
            }
            sequence = (sequence % 3) + 1;
            byte[] now = ReadArea(region);
            AssertIndex(now.AsSpan(at, blockSize), model, sequence);
            // All else is as it was: the other index block, and every label but the new one.
            int label = 128 * minor, labels = 2 * blockSize;
            now.AsSpan(at, blockSize).CopyTo(bytes.AsSpan(at));
            if (written is { } slot)
                now.AsSpan(labels + ((int)slot * label), label).CopyTo(bytes.AsSpan(labels + ((int)slot * label)));
            Assert.Equal(bytes, now);
            foreach (Known each in model)
                AssertLabel(NamespaceLabel.Read(now.AsSpan(labels + ((int)each.Slot * label), label), minor)!, each);
            AssertListed(area, model, minor);
            AssertListed(LabelArea.Open(region), model, minor);
            at = blockSize - at;
        }
    }

    // Null if it was refused.
    private static Known? Create(LabelArea area, List<Known> model, Random random)
    {
        long size = random.Next(1, 4) * Unit;
        string name = random.Next(4) == 0 ? "" : $"name {random.Next(12)}";
        NamespaceMode mode = random.Next(3) switch { 0 => NamespaceMode.Pfn, 1 => NamespaceMode.Dax, _ => NamespaceMode.Raw };
        if (name.Length > 0 && model.Exists(each => each.Name == name))
        {
            Assert.Throws<ArgumentException>("name", () => area.Create(size, mode, name));
            return null;
        }
        long offset = 0;
        while (model.Exists(each => each.Offset < offset + size && offset < each.Offset + each.Length))
            offset += Unit;
        if (offset > Capacity - size)
        {
            Assert.Throws<InvalidOperationException>(() => area.Create(size, mode, name));
            return null;
        }
        uint slot = 0;
        while (model.Exists(each => each.Slot == slot))
            slot++;
        PmemNamespace made = area.Create(size, mode, name);
        Assert.Equal((name, offset, size), (made.Name, made.Offset, made.Length));
        Assert.Equal(mode, made.Inspect().Mode);
        var known = new Known(slot, name, made.Uuid, offset, size, mode);
        model.Add(known);
        return known;
    }

    private static void AssertListed(LabelArea area, List<Known> model, int minor)
    {
        Assert.Equal(model.OrderBy(static each => each.Offset).Select(static each => (each.Name, each.Uuid, each.Offset, each.Length)), area.Namespaces.Select(static each => (each.Name, each.Uuid, each.Offset, each.Length)));
        Assert.Empty(area.Faults);
        Assert.Equal((new Version(1, minor), Size, Capacity), (area.Version, area.Size, area.Capacity));
    }

    private static void AssertIndex(ReadOnlySpan<byte> block, List<Known> model, uint sequence)
    {
        Assert.True(block.StartsWith("NAMESPACE_INDEX\0"u8));
        Assert.Equal(sequence, BinaryPrimitives.ReadUInt32LittleEndian(block[20..]));
        for (uint slot = 0; slot < BinaryPrimitives.ReadUInt32LittleEndian(block[56..]); slot++)
        {
            bool isFree = (block[72 + (int)(slot / 8)] >> (int)(slot % 8) & 1) != 0;
            if (isFree == model.Exists(each => each.Slot == slot))
                Assert.Fail($"Slot {slot} is {(isFree ? "free" : "taken")}.");
        }
    }

    private static void AssertLabel(NamespaceLabel label, Known known)
    {
        Assert.Equal((known.Slot, known.Name, known.Uuid, (ulong)known.Offset, (ulong)known.Length), (label.Slot, label.Name, label.Uuid, label.Address, label.Size));
        Assert.True(label.IsPersistentMemory && label is { IsUpdating: false, Parts: 1, Position: 0, SectorSize: 512 });
    }

    private static byte[] ReadArea(PhysicalRegion region)
    {
        byte[] bytes = new byte[Size];
        region.Memory.ReadMedium(Capacity, bytes);
        return bytes;
    }
}
