using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

public sealed class LegacyBttTests
{
    private const long Total = 1 << 20;

    [Theory]
    [InlineData(NamespaceMode.Btt)]
    [InlineData(NamespaceMode.Pfn)]
    public void A_legacy_medium_is_opened_with_a_warning_and_is_never_formatted_over(NamespaceMode mode)
    {
        using var machine = new TestMachine();
        PhysicalRegion region = machine.AddDevice();
        var names = new PmemNamespace(region);
        names.Use(medium =>
        {
            LegacyMedium.Write(medium, new LegacyInfoBlock(mode, 8 << 20, medium.Length, 512));
            return true;
        });
        byte[] data = new byte[512], read = new byte[512];
        new Random(1).NextBytes(data);
        for (int open = 0; open < 2; open++)
        {
            PmemDevice pmem = null!;
            Assert.Contains(TestMachine.Warnings(() => pmem = PmemDriver.Bind(machine.Device, names)), each => each.Contains("legacy", StringComparison.Ordinal));
            Assert.Equal(mode, pmem.Mode);
            if (open == 0)
                pmem.Disk.Write(1024, data);
            pmem.Disk.Read(1024, read);
            Assert.Equal(data, read);
            machine.Device.Unbind();
            Assert.True(names.Inspect().IsLegacy);
            foreach (NamespaceMode other in (NamespaceMode[])[NamespaceMode.Btt, NamespaceMode.Pfn, NamespaceMode.Dax])
                Assert.Throws<InvalidOperationException>(() => names.Format(other));
        }
    }

    [Theory]
    [InlineData(16, 8, 1, InfoBlockFault.Corrupt, "checksum")] // The checksum itself.
    [InlineData(200, 1, 1, InfoBlockFault.Corrupt, "checksum")]
    [InlineData(24, 4, 0, InfoBlockFault.UnknownVersion, "version 0")]
    [InlineData(24, 4, 2, InfoBlockFault.UnknownVersion, "version 2")]
    [InlineData(28, 4, 0, InfoBlockFault.Inconsistent, "sectors of 0 bytes")]
    [InlineData(28, 4, 1024, InfoBlockFault.Inconsistent, "sectors of 1024 bytes")]
    [InlineData(28, 4, 512, null, "")]
    [InlineData(28, 4, 4096, null, "")]
    [InlineData(32, 8, 4096, InfoBlockFault.Inconsistent, "data at 4096 of 1048576")] // Where the block itself is.
    [InlineData(32, 8, -8192, InfoBlockFault.Inconsistent, "data at -8192 of 1048576")]
    [InlineData(32, 8, 8192, null, "")]
    [InlineData(32, 8, 8200, InfoBlockFault.Inconsistent, "data at 8200 of 1048576")]
    [InlineData(32, 8, Total - 4096, null, "")]
    [InlineData(32, 8, Total, InfoBlockFault.Inconsistent, "data at 1048576 of 1048576")]
    [InlineData(32, 8, Total + 4096, InfoBlockFault.Inconsistent, "data at 1052672 of 1048576")]
    [InlineData(40, 8, Total + 4096, null, "")] // All of the medium.
    [InlineData(40, 8, Total + 4097, InfoBlockFault.Truncated, "has 1052672 bytes of 1052673")]
    public void A_changed_legacy_block_is_taken_or_refused_by_a_fault_and_a_text_of_its_own(int at, int size, long value, InfoBlockFault? fault, string says)
    {
        var medium = new SparseMedium(Total + 4096);
        LegacyMedium.Write(medium, new LegacyInfoBlock(NamespaceMode.Btt, 16384, Total, 512));
        byte[] block = new byte[4096];
        medium.Read(4096, block);
        BitConverter.GetBytes(value).AsSpan(0, size).CopyTo(block.AsSpan(at));
        if (says != "checksum")
        {
            block.AsSpan(16, 8).Clear();
            BitConverter.TryWriteBytes(block.AsSpan(16), LegacyChecksum.Of(block));
        }
        if (fault is null)
        {
            LegacyInfoBlock? read = LegacyInfoBlock.Read(block, medium.Length);
            Assert.Equal(
                new LegacyInfoBlock(NamespaceMode.Btt, at == 32 ? value : 16384, at == 40 ? value : Total, at == 28 ? (int)value : 512), read);
            return;
        }
        var refused = Assert.Throws<InfoBlockException>(() => LegacyInfoBlock.Read(block, medium.Length));
        Assert.Equal(fault, refused.Fault);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_header_of_a_slot_is_its_number_and_a_checksum_over_number_sector_and_data()
    {
        var info = new LegacyInfoBlock(NamespaceMode.Btt, 8192, 8192 + (3 * 2 * (16 + 512)), 512);
        Assert.Equal(3, info.Sectors);
        var medium = new CuttableMedium((int)info.TotalLength);
        using var queue = new RequestQueue();
        var disk = new LegacyBttDisk("btt", queue, medium, info);
        byte[] data = new byte[512];
        for (byte i = 1; i < 4; i++)
        {
            data.AsSpan().Fill(i);
            disk.Write(2 * 512, data);
        }
        // Sector 2: the third write went where the first had been.
        Span<byte> headers = medium.Bytes.AsSpan(8192 + (2 * 32), 32);
        Assert.Equal((3UL, 2UL), (BitConverter.ToUInt64(headers), BitConverter.ToUInt64(headers[16..])));
        for (byte i = 2; i < 4; i++)
        {
            data.AsSpan().Fill(i);
            int slot = i == 3 ? 0 : 1;
            Assert.Equal(LegacyChecksum.Of(data, unchecked((i * 0xC2B2_AE3D_27D4_EB4F) + 2)), BitConverter.ToUInt64(headers[((slot * 16) + 8)..]));
            Assert.Equal(data, medium.Bytes.AsSpan(8192 + (3 * 32) + (((2 * 2) + slot) * 512), 512).ToArray());
        }
    }

    [Fact]
    public void A_write_cut_at_any_step_leaves_the_sector_wholly_old_or_wholly_new()
    {
        var info = new LegacyInfoBlock(NamespaceMode.Btt, 8192, 8192 + 4 * 2 * (16 + 512), 512);
        var random = new Random(4);
        int old = 0, @new = 0;
        bool finished = false;
        for (int budget = 0; !finished; budget++)
        {
            for (int loss = 0; loss < 4; loss++)
            {
                var medium = new CuttableMedium((int)info.TotalLength);
                using var queue = new RequestQueue();
                var disk = new LegacyBttDisk("btt", queue, medium, info);
                var versions = new byte[4][];
                for (int i = 0; i < 4; i++)
                    random.NextBytes(versions[i] = new byte[512]);
                int before = random.Next(3);
                for (int i = 0; i < before; i++)
                    disk.Write(512, versions[i]);
                disk.Write(0, versions[3]);
                medium.Budget = budget;
                finished = true;
                try
                {
                    disk.Write(512, versions[before]);
                }
                catch (CuttableMedium.PowerCutException)
                {
                    finished = false;
                }
                var reopened = new LegacyBttDisk("btt", queue, medium.AfterCut(random, loss), info);
                var read = new byte[512];
                reopened.Read(512, read);
                bool isNew = read.AsSpan().SequenceEqual(versions[before]);
                Assert.True(isNew || read.AsSpan().SequenceEqual(before == 0 ? new byte[512] : versions[before - 1]), $"Torn at step {budget}.");
                Assert.True(isNew || !finished, "A write that returned was lost.");
                if (isNew)
                    @new++;
                else
                    old++;
                reopened.Read(0, read);
                Assert.Equal(versions[3], read);
                reopened.Write(512, versions[3]); // The slot torn by the cut is the next one used.
                reopened.Read(512, read);
                Assert.Equal(versions[3], read);
            }
        }
        Assert.True(old > 0 && @new > 0);
    }

    /// <summary>Power is cut in the middle of writes, again and again, also in those after a cut.</summary>
    [Fact]
    public void Any_sequence_of_writes_and_power_cuts_leaves_every_sector_as_a_simple_model_has_it() => Sequences.Check(200, 60, kinds: 4, operations =>
    {
        const int sectors = 5;
        var info = new LegacyInfoBlock(NamespaceMode.Btt, 8192, 8192 + sectors * 2 * (16 + 512), 512);
        var medium = new CuttableMedium((int)info.TotalLength);
        var model = new byte[sectors][];
        Array.Fill(model, new byte[512]);
        byte[] read = new byte[512];
        using var queue = new RequestQueue();
        var disk = new LegacyBttDisk("btt", queue, medium, info);
        foreach (Operation operation in operations)
        {
            int sector = operation.First % sectors;
            byte[] data = new byte[512];
            new Random(operation.Second).NextBytes(data);
            if (operation.Kind == 0) // A write takes 68 steps: a cut at one of them, or behind the last.
                medium.Budget = operation.Third % 70;
            try
            {
                disk.Write(sector * 512, data);
                model[sector] = data;
            }
            catch (CuttableMedium.PowerCutException)
            {
                disk = new LegacyBttDisk("btt", queue, medium = medium.AfterCut(new Random(operation.Second), operation.Third % 4), info);
                disk.Read(sector * 512, read);
                if (read.AsSpan().SequenceEqual(data))
                    model[sector] = data;
            }
            medium.Budget = int.MaxValue;
            for (int i = 0; i < sectors; i++)
            {
                disk.Read(i * 512, read);
                Assert.True(read.AsSpan().SequenceEqual(model[i]), $"Sector {i} is not what it was.");
            }
        }
    });

    [Fact]
    public void A_sector_with_two_damaged_copies_is_an_IOException_until_it_is_written()
    {
        var info = new LegacyInfoBlock(NamespaceMode.Btt, 8192, 8192 + 2 * (16 + 512), 512);
        var medium = new CuttableMedium((int)info.TotalLength);
        using var queue = new RequestQueue();
        var disk = new LegacyBttDisk("btt", queue, medium, info);
        disk.Write(0, new byte[512]);
        disk.Write(0, new byte[512]);
        medium.Write(8192 + 32 + 100, [1]);
        medium.Write(8192 + 32 + 512 + 100, [1]);
        Assert.Throws<IOException>(() => disk.Read(0, new byte[512]));
        byte[] data = new byte[512], read = new byte[512];
        for (byte i = 1; i < 4; i++) // A write makes it whole, and the sector goes on as any other.
        {
            data.AsSpan().Fill(i);
            disk.Write(0, data);
            disk.Read(0, read);
            Assert.Equal(data, read);
        }
    }

    [Fact]
    public void A_btt_disk_over_old_data_can_be_written_and_reads_what_was_written()
    {
        var info = new LegacyInfoBlock(NamespaceMode.Btt, 8192, 8192 + 3 * 2 * (16 + 512), 512);
        var medium = new CuttableMedium((int)info.TotalLength);
        var random = new Random(6);
        byte[] junk = new byte[info.TotalLength], data = new byte[512], read = new byte[512];
        random.NextBytes(junk);
        medium.Write(0, junk);
        using var queue = new RequestQueue();
        var disk = new LegacyBttDisk("btt", queue, medium, info);
        Assert.Throws<IOException>(() => disk.Read(512, read));
        for (int i = 0; i < 5; i++)
        {
            random.NextBytes(data);
            disk.Write(512, data);
            disk.Read(512, read);
            Assert.Equal(data, read);
        }
    }
}
