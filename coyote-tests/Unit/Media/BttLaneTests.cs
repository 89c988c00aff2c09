using System.Reflection;
using System.Runtime.InteropServices;
using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Media;

/// <summary>Which lane a writer takes, and which announcement a reader makes.</summary>
public sealed unsafe partial class BttLaneTests
{
    private const int WordsPerLine = 8, MapLocks = 64;

    [Fact]
    public void A_writer_takes_the_lane_of_its_processor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Puts threads on processors.");
        BttInfo info = SmallBtt.Info(8, 512, 256);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttArena arena = SmallBtt.Open(medium, info);
        int seen = 0;
        for (int each = 0; each < Math.Min(64, Processors.Count); each++)
        {
            int processor = each;
            Worker.Run(() =>
            {
                ulong[] mask = new ulong[16];
                mask[0] = 1UL << processor;
                if (SetAffinity(0, 128, mask) != 0 || Processors.Current != processor)
                    return; // Not one of this process.
                medium.Steps.Clear();
                arena.Write(3, new byte[512]);
                Assert.Contains((false, SmallBtt.Start + info.LogAt((uint)processor), 64L), medium.Steps);
                seen++;
            });
        }
        Assert.SkipWhen(seen == 0, "No thread may be put on a processor.");
    }

    [Fact]
    public void Where_there_is_one_lane_a_writer_waits_for_it_and_uses_no_other()
    {
        BttInfo info = SmallBtt.Info(4, 520, 1);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttArena arena = SmallBtt.Open(medium, info);
        medium.Steps.Clear();
        long* lane = Pinned.Address(Words(arena), WordsPerLine);
        Assert.True(WordLock.TryEnter(lane));
        bool ended = false;
        var writer = new Worker(() =>
        {
            arena.Write(2, new byte[520]);
            Volatile.Write(ref ended, true);
        });
        try
        {
            Worker.AwaitTrue(() => Volatile.Read(ref ended) || (writer.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
            Assert.False(Volatile.Read(ref ended), "It has written without the lane.");
            Assert.Empty(medium.Steps);
        }
        finally
        {
            WordLock.Exit(lane);
        }
        writer.Join("the lane");
        Assert.Contains((false, SmallBtt.Start + info.LogAt(0), 64L), medium.Steps);
        Assert.All(Words(arena), (word, i) => Assert.True(i % WordsPerLine != 0 || word == 0, $"The word {i} is still taken."));
    }

    [Fact]
    public void I73_a_block_that_is_still_read_is_not_written_until_the_read_has_ended()
    {
        BttInfo info = SmallBtt.Info(4, 520, 1);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttArena arena = SmallBtt.Open(medium, info);
        long[] words = Words(arena);
        int first = (1 + 1 + MapLocks) * WordsPerLine;
        for (int slot = first; slot < words.Length; slot += WordsPerLine)
        {
            for (int other = first; other < words.Length; other += WordsPerLine)
                Volatile.Write(ref words[other], 2 + 1); // Another block: nobody waits for that.
            medium.Steps.Clear();
            uint free = (uint)words[WordsPerLine + 1];
            Volatile.Write(ref words[slot], free + 1);
            bool ended = false;
            var writer = new Worker(() =>
            {
                arena.Write(1, new byte[520]);
                Volatile.Write(ref ended, true);
            });
            Worker.AwaitTrue(() => Volatile.Read(ref ended) || (writer.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0);
            bool early = Volatile.Read(ref ended) || medium.Steps.Exists(static step => step.IsStore);
            Volatile.Write(ref words[slot], 0);
            writer.Join("the read of the block");
            Assert.False(early, $"It has written over block {free}, which the reader of line {slot / WordsPerLine} still reads.");
            Assert.Contains((true, SmallBtt.Start + info.DataAt(free), 520L), medium.Steps);
        }
    }

    [Fact]
    public void I73_a_sector_is_trimmed_under_the_lock_of_its_part_of_the_map()
    {
        BttInfo info = SmallBtt.Info(70, 520, 1);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttArena arena = SmallBtt.Open(medium, info);
        long* map = Pinned.Address(Words(arena), (1 + 1 + (69 % MapLocks)) * WordsPerLine);
        HeldLock.MustHoldUp(map, "the map", () => arena.Trim(69));
        Assert.Contains((true, SmallBtt.Start + info.MapEntryAt(69), 4L), medium.Steps);
        Assert.True(WordLock.TryEnter(map));
        arena.Trim(6); // Under another lock.
        WordLock.Exit(map);
        Assert.Contains((true, SmallBtt.Start + info.MapEntryAt(6), 4L), medium.Steps);
        Assert.Equal(0, *map);
    }

    [Fact]
    public void A_read_whose_entry_changes_between_its_looks_announces_the_new_block_and_reads_that()
    {
        BttInfo info = SmallBtt.Info(4, 520, 1);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttArena arena = SmallBtt.Open(medium, info);
        byte[] data = new byte[520], read = new byte[520];
        new Random(3).NextBytes(data);
        var announced = new List<long[]>();
        bool writing = false;
        medium.Looks = 0;
        medium.OnLook = () =>
        {
            if (writing)
                return;
            announced.Add(Announced());
            if (announced.Count != 2)
                return;
            writing = true;
            arena.Write(2, data); // Sector 2 gets block 4.
            writing = false;
        };
        arena.Read(2, read);
        Assert.Equal(data, read);
        Assert.Equal(4, medium.Looks); // One of them is the write's.
        Assert.Equal([[], [2 + 1], [4 + 1]], announced);
        Assert.Empty(Announced());

        // Behind the arena's own line, its lanes and the locks of the map.
        long[] Announced() => [.. Words(arena).Skip((1 + 1 + MapLocks) * WordsPerLine).Where(word => word != 0)];
    }

    [Fact]
    public void A_read_without_a_place_for_its_announcement_waits_for_one_and_announces_its_own_block_there()
    {
        const long busy = 999;
        BttInfo info = SmallBtt.Info(4, 520, 1);
        var medium = new RoomMedium(SmallBtt.LengthFor(info));
        SmallBtt.Format(medium, info);
        BttArena arena = SmallBtt.Open(medium, info);
        long[] words = Words(arena);
        int first = (1 + 1 + MapLocks) * WordsPerLine, free = words.Length - WordsPerLine;
        for (int i = first; i < words.Length; i += WordsPerLine)
            Volatile.Write(ref words[i], busy);
        var announced = new List<long[]>();
        bool waits = false;
        medium.Looks = 0;
        medium.OnLook = () =>
        {
            announced.Add([.. words.Skip(first).Where(word => word is not (0 or busy))]);
            Volatile.Write(ref waits, announced.Count == 1);
        };
        byte[] read = [.. Enumerable.Repeat((byte)1, 520)];
        var reader = new Worker(() => arena.Read(2, read));
        Worker.AwaitTrue(() => !reader.Thread.IsAlive || (Volatile.Read(ref waits) && (reader.Thread.ThreadState & ThreadState.WaitSleepJoin) != 0));
        Assert.True(reader.Thread.IsAlive);
        Volatile.Write(ref words[free], 0);
        reader.Join("a place for its announcement");
        Assert.Equal([[], [2 + 1]], announced);
        Assert.Equal(new byte[520], read);
        for (int i = first; i < words.Length; i += WordsPerLine)
            Assert.Equal(i == free ? 0 : busy, words[i]);
    }

    private static long[] Words(BttArena arena) =>
        (long[])typeof(BttArena).GetField("_words", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(arena)!;

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint bytes, ulong[] mask);
}
