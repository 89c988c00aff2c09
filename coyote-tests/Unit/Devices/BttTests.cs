using Percpu.Pagemap;

namespace Percpu.Unit.Devices;

public sealed class BttTests
{
    [Fact]
    public void A_btt_namespace_reads_back_what_was_written_and_zeros_elsewhere()
    {
        using var machine = new TestMachine();
        var names = new PmemNamespace(machine.AddDevice());
        names.Format(NamespaceMode.Btt, 512);
        var model = new Dictionary<long, byte[]>();
        var random = new Random(3);
        for (int open = 0; open < 2; open++)
        {
            PmemDevice pmem = PmemDriver.Bind(machine.Device, names);
            Assert.Equal(NamespaceMode.Btt, pmem.Mode);
            Assert.Equal(PfnFlags.Device, pmem.PfnFlags);
            Assert.Null(pmem.Mapping.Pagemap);
            Assert.Equal(512, pmem.Disk.SectorSize);
            long sectors = pmem.Disk.Length / 512;
            var read = new byte[512];
            for (int i = 0; i < 2000; i++)
            {
                long sector = random.Next(2) == 0 ? random.NextInt64(20) : sectors - 1 - random.NextInt64(20);
                pmem.Disk.Read(sector * 512, read);
                Assert.Equal(model.GetValueOrDefault(sector) ?? new byte[512], read);
                var data = new byte[512];
                random.NextBytes(data);
                pmem.Disk.Write(sector * 512, data);
                model[sector] = data;
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => pmem.Disk.Read(sectors * 512, read));
            machine.Device.Unbind();
        }
    }

    [Fact]
    public void A_write_cut_at_any_step_leaves_the_sector_wholly_old_or_wholly_new()
    {
        var info = new InfoBlock(NamespaceMode.Btt, 8192, 8192 + 4 * 2 * (16 + 512), 512);
        var random = new Random(4);
        int old = 0, @new = 0;
        bool finished = false;
        for (int budget = 0; !finished; budget++)
        {
            for (int loss = 0; loss < 4; loss++)
            {
                var medium = new CuttableMedium((int)info.TotalLength);
                using var queue = new RequestQueue();
                var disk = new BttDisk("btt", queue, medium, info);
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
                var reopened = new BttDisk("btt", queue, medium.AfterCut(random, loss), info);
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

    [Fact]
    public void A_sector_with_two_damaged_copies_is_an_IOException_until_it_is_written()
    {
        var info = new InfoBlock(NamespaceMode.Btt, 8192, 8192 + 2 * (16 + 512), 512);
        var medium = new CuttableMedium((int)info.TotalLength);
        using var queue = new RequestQueue();
        var disk = new BttDisk("btt", queue, medium, info);
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
        var info = new InfoBlock(NamespaceMode.Btt, 8192, 8192 + 3 * 2 * (16 + 512), 512);
        var medium = new CuttableMedium((int)info.TotalLength);
        var random = new Random(6);
        byte[] junk = new byte[info.TotalLength], data = new byte[512], read = new byte[512];
        random.NextBytes(junk);
        medium.Write(0, junk);
        using var queue = new RequestQueue();
        var disk = new BttDisk("btt", queue, medium, info);
        Assert.Throws<IOException>(() => disk.Read(512, read));
        for (int i = 0; i < 5; i++)
        {
            random.NextBytes(data);
            disk.Write(512, data);
            disk.Read(512, read);
            Assert.Equal(data, read);
        }
    }

    /// <summary>Loses power after a number of steps (a word stored, or a flush); words not flushed survive by chance.</summary>
    private sealed class CuttableMedium(int length) : IByteMedium
    {
        private readonly byte[] _durable = new byte[length];
        private readonly byte[] _seen = new byte[length];

        internal int Budget { get; set; } = int.MaxValue;

        public long Length => _seen.Length;

        public void Read(long offset, Span<byte> destination) => _seen.AsSpan((int)offset, destination.Length).CopyTo(destination);

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            for (int i = 0; i < source.Length; i += 8)
            {
                Step();
                int bytes = Math.Min(8, source.Length - i);
                source.Slice(i, bytes).CopyTo(_seen.AsSpan((int)offset + i));
            }
        }

        public void Flush(long offset, long length)
        {
            Step();
            _seen.AsSpan((int)offset, (int)length).CopyTo(_durable.AsSpan((int)offset));
        }

        /// <param name="random">Decides word by word.</param>
        /// <param name="loss">0: no unflushed word survives; 3: all do.</param>
        internal CuttableMedium AfterCut(Random random, int loss)
        {
            var after = new CuttableMedium(_seen.Length);
            for (int i = 0; i < _seen.Length; i += 8)
            {
                byte[] from = loss == 3 || (loss > 0 && random.Next(2) == 0) ? _seen : _durable;
                from.AsSpan(i, 8).CopyTo(after._seen.AsSpan(i));
            }
            after._seen.CopyTo(after._durable, 0);
            return after;
        }

        private void Step()
        {
            if (Budget-- <= 0)
                throw new PowerCutException();
        }

        internal sealed class PowerCutException : Exception;
    }
}
