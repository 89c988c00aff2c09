using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.Unit.Counting;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>When a pool takes more memory, and when it gives some back.</summary>
public sealed class PoolEdgesTests
{
    [Theory]
    [InlineData(1, 64, 2, 128)] // As much as may be idle is idle: more is taken.
    [InlineData(1, 64, 3, 64)] // More than may be idle: what nobody rents is given back first.
    [InlineData(1, 128, 3, 192)]
    [InlineData(2, 128, 2, 256)]
    public void Memory_that_is_idle_elsewhere_is_given_back_when_there_is_more_than_may_be(int blocks, long most, int threads, long mapped)
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = blocks, MaxIdleBytes = most });
        List<Stepper> steppers = [];
        SlabRental[] rentals = new SlabRental[threads];
        for (int i = 0; i < threads; i++)
        {
            var stepper = new Stepper(); // Lives, so that nobody takes over what it keeps.
            steppers.Add(stepper);
            int each = i;
            stepper.Do(() => rentals[each] = pool.RentBlock());
            Assert.True(rentals[i].IsRented);
            if (i < threads - 1)
                stepper.Do(() => rentals[each].Dispose());
        }
        Assert.Equal((mapped, mapped - 64), (pool.MappedBytes, pool.IdleBytes));
        steppers.ForEach(stepper => stepper.Dispose());
        rentals[^1].Dispose();
        pool.RetireSlabs();
        Assert.Equal((0, 0, 0), (pool.MappedBytes, pool.IdleBytes, pool.RetiredBytes));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_retired_slab_is_unmapped_by_the_last_return_on_whatever_thread_it_comes(bool elsewhere, bool arrays)
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 4, PinnedArrays = arrays });
        SlabRental[] rentals = [.. Enumerable.Range(0, 3).Select(_ => pool.RentBlock())];
        pool.RetireSlabs();
        Assert.Equal((256, 256, 0), (pool.MappedBytes, pool.RetiredBytes, pool.IdleBytes));
        for (int i = 0; i < rentals.Length; i++)
        {
            Assert.Equal((256, true), (pool.RetiredBytes, rentals[i].IsRented));
            if (elsewhere)
                Worker.Run(rentals[i].Dispose);
            else
                rentals[i].Dispose();
            rentals[i].Dispose(); // Counts once.
            Assert.False(rentals[i].IsRented);
        }
        Assert.Equal((0, 0, 0), (pool.MappedBytes, pool.RetiredBytes, pool.IdleBytes));
        using SlabRental next = pool.RentBlock();
        Assert.Equal((256, 0, 192), (pool.MappedBytes, pool.RetiredBytes, pool.IdleBytes));
    }

    [Fact]
    public void I22_threads_that_live_at_once_have_each_a_cache_of_their_own_however_many_they_are()
    {
        const int threads = 64;
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1 });
        Stepper[] steppers = [.. Enumerable.Range(0, threads).Select(_ => new Stepper())];
        var rentals = new SlabRental[threads];
        int[] slots = [.. steppers.Select(stepper => stepper.Do(() =>
        {
            ThreadMarks.Attach();
            return ThreadMarks.Slot(ThreadMark.Current);
        }))];
        Assert.Equal(threads, slots.Distinct().Count());
        int[] order = [.. Enumerable.Range(0, threads).OrderBy(i => slots[i])]; // So that the table grows for each number that it has no room for.
        for (int round = 0; round < 2; round++)
        {
            foreach (int i in order)
                steppers[i].Do(() => rentals[i] = pool.RentBlock());
            Assert.All(rentals, rental => Assert.True(rental.IsRented));
            Assert.Equal((threads * 64L, 0L), (pool.MappedBytes, pool.IdleBytes));
            foreach (int i in order)
                steppers[i].Do(() => rentals[i].Dispose());
            Assert.Equal(threads * 64L, pool.IdleBytes); // The second time each finds its own.
        }
        Array.ForEach(steppers, stepper => stepper.Dispose());
    }

    [Fact]
    public void Slabs_that_are_unmapped_are_forgotten()
    {
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 2 });
        SlabRental held = pool.RentBlock();
        for (int i = 0; i < 10; i++)
        {
            pool.RetireSlabs();
            pool.RentBlock().Dispose();
            Assert.InRange(Retired(pool).Count, 1, 2); // That of the block that is held, and the one of just now.
        }
        held.Dispose();
        pool.RetireSlabs();
        pool.RetireSlabs();
        Assert.InRange(Retired(pool).Count, 0, 1);
        Assert.Equal((0, 0), (pool.RetiredBytes, Retired(pool).Count));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_retired")]
    private static extern ref List<MappedMemory> Retired(SlabPool pool);

    [Fact]
    public void A_file_is_mapped_in_a_time_that_can_be_awaited() => Worker.RunWaiting("a file to be mapped", () =>
    {
        using var scratch = new ScratchFile(5000);
        foreach (long wanted in (long[])[0, 1, 4096, 5000])
        {
            using MappedFile file = MappedFile.Open(scratch.Location, new MappedFileOptions { Length = wanted });
            Assert.Equal(wanted == 0 ? 5000 : wanted, file.Length);
        }
        using MappedFile first = MappedFile.Open(scratch.Location), longer = first.Grow(6000);
        Assert.Equal((5000, 6000), (first.Length, longer.Length));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void I63_where_room_cannot_be_asked_for_a_file_grows_all_the_same(bool keepOpen)
    {
        using SmallDisk disk = SmallDisk.CreateSimple();
        string path = disk.NewFile("file", 100);
        using (MappedFile file = MappedFile.Open(path, new MappedFileOptions { KeepOpen = keepOpen, Allocate = true }))
        using (MappedFile longer = file.Grow(5000))
        {
            longer.Write(4999, (byte)7);
            Assert.Equal((5000, 5000), (longer.Length, new FileInfo(path).Length));
        }
        Assert.Equal(7, File.ReadAllBytes(path)[4999]);
        File.Delete(path);
    }
}
