using Percpu.Pagemap;
using Percpu.Unit.Support;
using static Percpu.Unit.Pagemaps.Maps;

namespace Percpu.Unit.Pagemaps;

public sealed class TableUnderThreadsTests
{
    [Fact]
    public void I40_lookups_beside_registering_and_unregistering_give_a_held_map_of_the_frame_or_null()
    {
        var table = new PagemapTable();
        // A map that stays, and neighbours on every level of the tree that come and go.
        DevPagemap stays = table.Register(3 * Section, Section);
        ulong[] places = [0, 4 * Section, 511 * Section, 512 * Section, (1UL << 18) * Section, Pfn.MaxValue + 1 - Section];
        bool stop = false;
        int found = 0;
        void LookUp()
        {
            var random = new Random(Environment.CurrentManagedThreadId);
            DevPagemap? cached = null;
            while (!Volatile.Read(ref stop))
            {
                ulong pfn = places[random.Next(places.Length)] + (ulong)random.Next((int)Section);
                DevPagemap? map = table.GetDevPagemap(new Pfn(pfn), cached);
                if (map is not null)
                {
                    Assert.True(map.Contains(new Pfn(pfn)));
                    Assert.False(map.Reference.IsZero); // Held: it cannot be released.
                    Interlocked.Increment(ref found);
                }
                PagemapTable.PutDevPagemap(cached);
                cached = map;
                Assert.Same(stays, table.At(3 * Section + (ulong)random.Next((int)Section)));
            }
            PagemapTable.PutDevPagemap(cached);
        }
        void Change(int seed)
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref stop))
            {
                try
                {
                    DevPagemap map = table.Register(places[random.Next(places.Length)], Section);
                    Thread.Yield();
                    table.TearDown(map);
                }
                catch (RangeBusyException)
                {
                }
            }
        }
        using (new Worker(LookUp))
        using (new Worker(LookUp))
        using (new Worker(() => Change(1)))
        {
            try
            {
                for (int i = 0; i < 10_000; i++)
                {
                    if (Caught.By(() => table.TearDown(table.Register(places[i % places.Length], Section))) is { } exception)
                        Assert.IsType<RangeBusyException>(exception);
                }
                Worker.AwaitTrue(() => Volatile.Read(ref found) > 0);
            }
            finally
            {
                Volatile.Write(ref stop, true);
            }
        }
        table.TearDown(stays);
        Assert.Equal(0, Height(table));
    }
}
