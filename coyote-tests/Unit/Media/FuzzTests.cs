using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Whatever stands on a medium: no exception but the documented ones, no byte touched outside, nothing allocated by a
/// length that stands there. The medium checks each access.</summary>
public sealed class FuzzTests
{
    private const long Length = 17 << 20, AreaSize = 128 << 10;

    [Theory]
    [InlineData("btt")]
    [InlineData("second version")]
    [InlineData("pool")]
    [InlineData("pfn")]
    [InlineData("dax")]
    [InlineData("legacy")]
    public void I72_I73_any_damage_to_a_namespace_is_opened_or_refused(string what)
    {
        SparseMedium whole = Make(what, out NamespaceIdentity identity, out long[] structure);
        Sequences.Check(400, 6, kinds: 6, operations =>
        {
            SparseMedium medium = whole.Copy();
            foreach (Operation operation in operations)
                Damage(medium, operation, structure);
            long before = GC.GetAllocatedBytesForCurrentThread(), stores = medium.Stores;
            Look(medium, identity, out bool isRaw);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 24 << 20);
            Assert.Equal(stores, medium.Stores);
            // As long as some signature is left, it is not plain data.
            Assert.True(!isRaw || !HasSignature(medium), "A medium with a signature was taken for raw.");
            medium.IsWritable = true;
            Look(medium, identity, out _);
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void I73_any_damage_to_a_label_area_is_told_or_refused(int minor)
    {
        var whole = new SparseMedium(AreaSize);
        LabelIndex.Create(AreaSize, minor, 1).Write(whole, 0);
        LabelIndex index = LabelIndex.Create(AreaSize, minor, 2);
        for (uint slot = 0; slot < 3; slot++)
        {
            byte[] bytes = new byte[index.LabelSize];
            new NamespaceLabel { Uuid = Guid.NewGuid(), Name = "n", Address = slot << 24, Size = 1 << 24, Slot = slot }.Write(bytes, minor);
            whole.Write(index.LabelAt(slot), bytes);
            index.SetFree(slot, false);
        }
        index.Write(whole, index.Size);
        Sequences.Check(1_000, 6, kinds: 6, operations =>
        {
            SparseMedium medium = whole.Copy();
            foreach (Operation operation in operations)
                Damage(medium, operation, [0, 256, 512, 768]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            LabelIndex.FindArea(medium);
            foreach (long at in (long[])[0, 256, 512])
            {
                if (LabelIndex.Read(medium, at, out _) is not { } found)
                    continue;
                byte[] bytes = new byte[found.LabelSize];
                for (uint slot = 0; slot < found.Slots; slot++)
                {
                    if (found.IsFree(slot))
                        continue;
                    medium.Read(found.LabelAt(slot), bytes);
                    NamespaceLabel.Read(bytes, found.Minor);
                }
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        });
    }

    /// <summary>The same through the public door, over a file: what is listed lies inside the range, apart, and can be looked at.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void I73_any_damage_to_a_label_area_gives_namespaces_that_lie_apart_inside_the_range_or_a_refusal(int minor)
    {
        Needs.RangesBackedByFiles();
        const long capacity = 64 << 20;
        using var machine = new TestMachine();
        string path = machine.NewFile(capacity + AreaSize);
        var range = new PfnRange(new Pfn(1 << 20), (ulong)(capacity + AreaSize) >> Pfn.PageShift);
        PhysicalRegion region = machine.Space.AddDevice(range, "dimm", path);
        LabelArea made = LabelArea.Create(region, AreaSize, minor);
        foreach (string name in (string[])["one", "two", "three"])
            made.Create(16L << 20, NamespaceMode.Pfn, name, frames: FrameLocation.Memory);
        byte[] whole = new byte[AreaSize];
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
        RandomAccess.Read(file, whole, capacity);
        int labelSize = minor == 1 ? 128 : 256;
        Sequences.Check(300, 6, kinds: 6, operations =>
        {
            var medium = new SparseMedium(AreaSize);
            medium.Write(0, whole);
            foreach (Operation operation in operations)
                Damage(medium, operation, [0, 256, 512, 512 + labelSize, 512 + (2 * labelSize)], labelSize);
            byte[] damaged = new byte[AreaSize];
            medium.Read(0, damaged);
            RandomAccess.Write(file, damaged, capacity);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                long end = 0;
                foreach (PmemNamespace each in LabelArea.Open(region, AreaSize).Namespaces)
                {
                    Assert.InRange(each.Offset, end, capacity);
                    Assert.InRange(each.Length, 1, capacity - each.Offset);
                    end = each.Offset + each.Length;
                    each.Inspect();
                }
            }
            catch (InfoBlockException)
            {
                // No index block counts.
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
        });
    }

    private static void Look(SparseMedium medium, in NamespaceIdentity identity, out bool isRaw)
    {
        isRaw = false;
        if (medium.IsWritable)
            medium.IsWritable = false;
        try
        {
            NamespaceContent content = NamespaceContent.Find(medium, identity);
            isRaw = content.Mode == NamespaceMode.Raw;
            var report = new MediumReport();
            BttAudit.Run(medium, content.Arenas, report, null);
            if (content.Mode != NamespaceMode.Btt || content.Legacy is not null)
                return;
            BttStore store = BttStore.Open(medium, content, allowDamaged: true);
            byte[] sector = new byte[store.SectorSize];
            for (long i = 0; i < Math.Min(20, store.Sectors); i++)
            {
                try
                {
                    store.Read(i, sector);
                }
                catch (IOException)
                {
                    // In error, lost or in doubt.
                }
            }
            store.Read(store.Sectors - 1, sector);
        }
        catch (IOException)
        {
            // Refused: InfoBlockException is one.
        }
    }

    private static void Damage(SparseMedium medium, Operation operation, long[] structure, int labelSize = 0)
    {
        long at = structure[operation.First % structure.Length] + Operation_Offset(operation);
        at = Math.Clamp(at, 0, medium.Length - 8);
        Span<byte> bytes = stackalloc byte[8];
        switch (operation.Kind)
        {
            case 0: // A bit.
                medium.Read(at, bytes[..1]);
                bytes[0] ^= (byte)(1 << (operation.Third & 7));
                medium.Write(at, bytes[..1]);
                break;
            case 1 or 2: // A number, small, large or negative.
                long[] numbers = [0, 1, -1, 4096, int.MaxValue, long.MinValue, medium.Length, operation.Third, uint.MaxValue, 1L << 62];
                BitConverter.TryWriteBytes(bytes, numbers[operation.Third % numbers.Length]);
                int size = operation.Kind == 1 ? 4 : 8;
                medium.Write(at & -size, bytes[..size]);
                break;
            default: // The checksums of all structure are right again: the values alone are wrong.
                byte[] block = new byte[4096];
                foreach (long start in structure.Where(each => each % 4096 == 0 && each <= medium.Length - 4096))
                {
                    medium.Read(start, block);
                    if (InfoSignature.Recognise(block, out _) == NamespaceMode.Raw)
                        continue;
                    Fletcher64.Store(block, 4088);
                    medium.Write(start, block);
                }
                foreach (long start in structure.Where(each => each >= 512 && labelSize == 256)) // Labels 1.1 have no checksum.
                {
                    medium.Read(start, block.AsSpan(0, 256));
                    Fletcher64.Store(block.AsSpan(0, 256), 248);
                    medium.Write(start, block.AsSpan(0, 256));
                }
                foreach (long start in structure.Where(each => each < 512 && medium.Length == AreaSize))
                {
                    medium.Read(start, block.AsSpan(0, 256));
                    Fletcher64.Store(block.AsSpan(0, 256), 64);
                    medium.Write(start, block.AsSpan(0, 256));
                }
                break;
        }
    }

    private static int Operation_Offset(Operation operation) => operation.Second % ((operation.Second & 1) == 0 ? 128 : 4096);

    private static SparseMedium Make(string what, out NamespaceIdentity identity, out long[] structure)
    {
        var medium = new SparseMedium(Length);
        identity = what == "second version" ? new NamespaceIdentity(Guid.NewGuid(), 2, NamespaceMode.Btt, 0) : default;
        long start = what == "second version" ? 0 : what == "pool" ? 8192 : 4096;
        structure = [start];
        byte[] block = new byte[4096];
        switch (what)
        {
            case "pfn" or "dax":
                PfnInfo.Create(what == "pfn" ? NamespaceMode.Pfn : NamespaceMode.Dax, Length, FrameLocation.Medium, Guid.Empty).Write(block);
                medium.Write(4096, block);
                break;
            case "legacy":
                LegacyMedium.Write(medium, new LegacyInfoBlock(NamespaceMode.Btt, 8192, Length, 512));
                break;
            default:
                var set = Guid.NewGuid();
                if (what == "pool")
                {
                    medium.Write(0, "PMEMBLK\0"u8);
                    medium.Write(24, set.ToByteArray(bigEndian: true));
                    medium.Write(4096, BitConverter.GetBytes(512));
                }
                List<BttInfo> infos = BttFormat.Plan(medium, start, 512, what == "pool" ? 256 : 64, Guid.NewGuid(), what == "pool" ? set : identity.Uuid);
                BttFormat.Write(medium, start, infos, what == "pool");
                BttStore store = BttStore.Open(medium, NamespaceContent.Find(medium, identity), false);
                for (int i = 0; i < 30; i++)
                    store.Write(i % 10, new byte[512]);
                structure = [start, start + infos[0].Map, start + infos[0].Log, start + infos[0].Copy, start, 0];
                break;
        }
        return medium;
    }

    private static bool HasSignature(SparseMedium medium)
    {
        byte[] block = new byte[4096];
        foreach (long at in (long[])[0, 4096])
        {
            medium.Read(at, block);
            if (InfoSignature.Recognise(block, out _) != NamespaceMode.Raw || block.AsSpan().StartsWith("PERCPUREF_"u8) || block.AsSpan().StartsWith("PMEMBLK\0"u8))
                return true;
        }
        return false;
    }
}
