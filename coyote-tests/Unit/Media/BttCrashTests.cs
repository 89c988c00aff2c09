using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Power is lost at every store; what was not flushed survives by words of 8 bytes, by chance.</summary>
public sealed class BttCrashTests
{
    [Theory]
    [InlineData(512, false)]
    [InlineData(520, false)]
    [InlineData(520, true)]
    public void I74_a_write_cut_at_any_step_leaves_the_sector_wholly_old_or_wholly_new(int sectorSize, bool isPool)
    {
        BttInfo info = SmallBtt.Info(4, (uint)sectorSize, 3);
        var random = new Random(4);
        int old = 0, @new = 0;
        bool finished = false;
        for (int budget = 0; !finished; budget++)
        {
            for (int loss = 0; loss < 8; loss++)
            {
                var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
                SmallBtt.Format(medium, info, isPool);
                BttArena arena = SmallBtt.Open(medium, info, isPool);
                int before = random.Next(5);
                byte[][] versions = [.. Enumerable.Range(0, 6).Select(_ => Bytes(random, sectorSize))];
                for (int i = 0; i < before; i++)
                    arena.Write(1, versions[i]);
                arena.Write(0, versions[5]);
                medium.Budget = budget;
                finished = true;
                try
                {
                    arena.Write(1, versions[before]);
                }
                catch (CuttableMedium.PowerCutException)
                {
                    finished = false;
                }
                CuttableMedium after = medium.AfterCut(random, loss > 3 ? 1 : loss);
                byte[] seen = new IndependentBtt(after.Bytes, SmallBtt.Start, isPool).Read(1)!;
                BttArena reopened = SmallBtt.Open(after, info, isPool);
                byte[] read = new byte[sectorSize];
                reopened.Read(1, read);
                Assert.Equal(seen, read); // Both readers agree.
                bool isNew = read.AsSpan().SequenceEqual(versions[before]);
                Assert.True(isNew || read.AsSpan().SequenceEqual(before == 0 ? new byte[sectorSize] : versions[before - 1]), $"Torn at step {budget}.");
                Assert.True(isNew || !finished, "A write that returned was lost.");
                _ = isNew ? @new++ : old++;
                reopened.Read(0, read);
                Assert.Equal(versions[5], read);
                Assert.Equal(read, new IndependentBtt(after.Bytes, SmallBtt.Start, isPool).Read(0));
            }
        }
        Assert.True(old > 0 && @new > 0);
    }

    /// <summary>Power is cut in the middle of writes and trims, again and again, also while an opening finishes a write.</summary>
    [Fact]
    public void I74_any_sequence_of_writes_trims_and_power_cuts_leaves_every_sector_as_a_simple_model_has_it() => Sequences.Check(200, 60, kinds: 5, operations =>
    {
        const int sectors = 5, size = 512;
        BttInfo info = SmallBtt.Info(sectors, size, 2);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttArena arena = SmallBtt.Open(medium, info);
        var model = new byte[sectors][];
        Array.Fill(model, new byte[size]);
        foreach (Operation operation in operations)
        {
            uint sector = (uint)(operation.First % sectors);
            bool trims = operation.Kind == 4;
            byte[] data = trims ? new byte[size] : Bytes(new Random(operation.Second), size);
            if (operation.Kind == 0) // A write takes 71 steps: a cut at one of them, or behind the last.
                medium.Budget = operation.Third % 73;
            try
            {
                if (trims)
                    arena.Trim(sector);
                else
                    arena.Write(sector, data);
                model[sector] = data;
            }
            catch (CuttableMedium.PowerCutException)
            {
                medium = medium.AfterCut(new Random(operation.Second), operation.Third % 4);
                medium.Budget = operation.Third % 3; // The opening may be cut, too.
                try
                {
                    arena = SmallBtt.Open(medium, info);
                }
                catch (CuttableMedium.PowerCutException)
                {
                    medium = medium.AfterCut(new Random(operation.First), operation.Third % 4);
                    arena = SmallBtt.Open(medium, info);
                }
                byte[] found = new byte[size];
                medium.Budget = int.MaxValue;
                arena.Read(sector, found);
                if (found.AsSpan().SequenceEqual(data))
                    model[sector] = data;
            }
            medium.Budget = int.MaxValue;
            var other = new IndependentBtt(medium.Bytes, SmallBtt.Start);
            byte[] read = new byte[size];
            for (uint i = 0; i < sectors; i++)
            {
                arena.Read(i, read);
                Assert.True(read.AsSpan().SequenceEqual(model[i]), $"Sector {i} is not what it was.");
                Assert.Equal(read, other.Read(i));
            }
        }
    });

    [Fact]
    public void I74_an_interrupted_write_is_finished_at_opening_and_nothing_else_changes()
    {
        BttInfo info = SmallBtt.Info(4, 512, 3);
        var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        byte[] first = Bytes(new Random(1), 512), second = Bytes(new Random(2), 512), read = new byte[512];
        BttArena arena = SmallBtt.Open(medium, info);
        arena.Write(2, first);
        uint old = medium.LoadEntry(SmallBtt.Start + info.MapEntryAt(2));
        arena.Write(2, second);
        uint @new = medium.LoadEntry(SmallBtt.Start + info.MapEntryAt(2));
        medium.StoreEntry(SmallBtt.Start + info.MapEntryAt(2), old);
        byte[] before = [.. medium.Bytes];
        SmallBtt.Open(medium, info).Read(2, read);
        Assert.Equal(second, read);
        Assert.Equal(@new, medium.LoadEntry(SmallBtt.Start + info.MapEntryAt(2)));
        medium.StoreEntry(SmallBtt.Start + info.MapEntryAt(2), old);
        Assert.Equal(before, medium.Bytes);
    }

    [Fact]
    public void I74_an_interrupted_write_of_a_medium_that_cannot_be_written_reads_as_new_and_stays_as_it_is()
    {
        BttInfo info = SmallBtt.Info(4, 512, 3);
        var medium = new SparseMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        byte[][] old = [.. Enumerable.Range(0, 4).Select(i => Bytes(new Random(i), 512))], fresh = [.. Enumerable.Range(4, 3).Select(i => Bytes(new Random(i), 512))];
        for (uint sector = 0; sector < 4; sector++)
            SmallBtt.Open(medium, info).Write(sector, old[sector]);
        // In every lane a write of one sector stopped before its last step: the block is filled, and the log says so.
        var report = new MediumReport();
        var check = new BttCheck(medium, SmallBtt.Start, info, report);
        check.Run(null);
        for (uint lane = 0; lane < 3; lane++)
        {
            BttLane found = check.Lanes[lane];
            medium.Write(SmallBtt.Start + info.DataAt(found.Free), fresh[lane]);
            uint block = BttInfo.BlockOf(medium.LoadEntry(SmallBtt.Start + info.MapEntryAt(lane + 1)), lane + 1);
            long at = SmallBtt.Start + info.LogAt(lane) + ((1 - found.Slot) * 16);
            medium.StoreWord(at, (lane + 1) | ((ulong)block << 32));
            medium.StoreWord(at + 8, found.Free | ((ulong)BttLane.Next(found.Sequence) << 32));
        }
        medium.IsWritable = false;
        long stores = medium.Stores;
        BttArena arena = SmallBtt.Open(medium, info);
        byte[] read = new byte[512];
        for (uint sector = 0; sector < 4; sector++)
        {
            arena.Read(sector, read);
            Assert.Equal(sector == 0 ? old[0] : fresh[sector - 1], read);
        }
        Assert.Throws<UnauthorizedAccessException>(() => arena.Write(1, read));
        Assert.Equal(stores, medium.Stores);
        // The same medium, when it can be written: they are finished.
        medium.IsWritable = true;
        arena = SmallBtt.Open(medium, info);
        for (uint sector = 1; sector < 4; sector++)
        {
            arena.Read(sector, read);
            Assert.Equal(fresh[sector - 1], read);
        }
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
