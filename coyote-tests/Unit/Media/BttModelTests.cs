using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Random writes, reads, trims and openings, against a dictionary.</summary>
public sealed class BttModelTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(520)]
    [InlineData(528)]
    [InlineData(4096)]
    [InlineData(4104)]
    [InlineData(4160)]
    [InlineData(4224)]
    public void A_btt_of_any_sector_size_reads_what_was_written(int size) => Sequences.Check(6, 60, kinds: 5, operations =>
        Run(operations, new SparseMedium(18 << 20), 4096, size, Guid.Empty));

    [Fact]
    public void A_btt_of_two_arenas_reads_what_was_written() => Sequences.Check(2, 40, kinds: 4, operations =>
        Run(operations, new SparseMedium((512L << 30) + (20 << 20)), 4096, 4096, Guid.Empty));

    [Fact]
    public void A_pool_that_was_never_written_is_formatted_at_the_first_write_and_reads_zeros_before() => Sequences.Check(5, 40, kinds: 5, operations =>
    {
        var medium = new SparseMedium(18 << 20);
        var set = Guid.NewGuid();
        medium.Write(0, "PMEMBLK\0"u8);
        medium.Write(24, set.ToByteArray(bigEndian: true));
        medium.Write(4096, BitConverter.GetBytes(5000));
        medium.Write(8192 + 4096, "what lies there is nothing to anybody"u8);
        Run(operations, medium, 8192, 5000, set);
    });

    [Fact]
    public void A_store_of_one_arena_alone_has_the_arenas_sectors()
    {
        BttInfo info = SmallBtt.Info(4, 520, 3);
        var medium = new SparseMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttStore store = BttStore.Of(medium, SmallBtt.Open(medium, info), 520);
        Assert.Equal((520, 4L), (store.SectorSize, store.Sectors));
        byte[] data = new byte[520], read = new byte[520];
        data.AsSpan().Fill(7);
        store.Write(3, data);
        store.Read(3, read);
        Assert.Equal(data, read);
    }

    private static void Run(Operation[] operations, SparseMedium medium, long start, int size, Guid parent)
    {
        if (start == 4096)
            BttFormat.Write(medium, start, BttFormat.Plan(medium, start, size, 64, Guid.NewGuid(), parent), asPool: false);
        var model = new Dictionary<long, byte[]>();
        BttStore store = Open(medium);
        byte[] read = new byte[size];
        long first = store.Sectors / 2;
        foreach (Operation operation in operations)
        {
            // Both ends, and where a first arena of the largest size ends.
            long[] edges = [0, first, Math.Min(134_086_515, first), store.Sectors - 10];
            long sector = edges[operation.First % 4] + operation.Second % 10;
            switch (operation.Kind)
            {
                case 0 or 1:
                    byte[] data = new byte[size];
                    new Random(operation.Third).NextBytes(data);
                    store.Write(sector, data);
                    model[sector] = data;
                    break;
                case 2:
                    store.Trim(sector);
                    model[sector] = new byte[size];
                    break;
                case 4:
                    store = Open(medium);
                    break;
            }
            store.Read(sector, read);
            Assert.Equal(model.GetValueOrDefault(sector) ?? new byte[size], read);
        }
        store = Open(medium);
        foreach ((long sector, byte[] data) in model)
        {
            store.Read(sector, read);
            Assert.Equal(data, read);
        }
    }

    private static BttStore Open(SparseMedium medium) => BttStore.Open(medium, NamespaceContent.Find(medium, default), allowDamaged: false);
}
