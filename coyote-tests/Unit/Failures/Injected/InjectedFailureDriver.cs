using Percpu.Buffers;
using Percpu.Memory;
using Percpu.Pagemap;

namespace Percpu.Unit.Failures.Injected;

/// <summary>What runs inside the variant in which named places fail. Each method returns what went wrong, or null.</summary>
public static partial class InjectedFailureDriver
{
    private const int Length = 100_000;
    private static readonly EpochDomainOptions HostDriven = new() { BackgroundReclaim = false };
    private static string? s_violation;

    public static string? Table() => Guard(() =>
    {
        var table = new PagemapTable();
        var far = new PfnRange(new Pfn(1023 * PagemapTable.PagesPerSection), 2 * PagemapTable.PagesPerSection); // Two leaves.
        table.Register(new PfnRange(new Pfn(0), PagemapTable.PagesPerSubsection), new PercpuRef());
        var reference = new PercpuRef();
        int blocks = Faults.Blocks;
        foreach ((string point, int after) in new[] { ("entry", 0), ("gc handle", 0), ("node", 0), ("node", 1), ("node", 1) })
        {
            Faults.Arm(point, after);
            Throws<OutOfMemoryException>(() => table.Register(far, reference));
            Expect(Faults.Hits == 1, point + " was not reached");
            Faults.Arm(null);
            Expect(table.GetDevPagemap(far.Start) is null, "half a map is registered after " + point);
            Expect(Faults.Blocks - blocks <= 1, "blocks leaked after " + point); // A table that grew keeps its new root.
        }
        DevPagemap map = table.Register(far, reference);
        DevPagemap? found = table.GetDevPagemap(far.Start);
        Expect(ReferenceEquals(found, map), "the range cannot be registered again");
        PagemapTable.PutDevPagemap(found);
        reference.Kill();
        Expect(reference.IsZero, "a reference was lost");
        table.Unregister(map);
        Expect(Faults.Blocks - blocks <= 1, "blocks leaked");
    });

    public static string? MappedFiles() => Guard(() =>
    {
        string folder = Directory.CreateTempSubdirectory("percpu-").FullName, path = Path.Combine(folder, "file");
        foreach (string point in new[] { "map", "reference" })
        {
            long mapped = MappedMemory.TotalMappedBytes;
            Faults.Arm(point);
            Throws<OutOfMemoryException>(() => MappedFile.Create(path, Length));
            Expect(Faults.Hits == 1, point + " was not reached by Create");
            Expect(!File.Exists(path), "Create left the file after " + point);
            ExpectClosed(folder, 0, "Create, " + point);

            File.WriteAllBytes(path, new byte[Length]);
            Faults.Arm(point);
            Throws<OutOfMemoryException>(() => MappedFile.Open(path));
            Expect(Faults.Hits == 1, point + " was not reached by Open");
            Expect(new FileInfo(path).Length == Length, "Open changed the file after " + point);
            ExpectClosed(folder, 0, "Open, " + point);

            Faults.Arm(null);
            MappedFile file = MappedFile.Open(path);
            Faults.Arm(point);
            Throws<OutOfMemoryException>(() => file.Grow(2 * Length));
            Expect(Faults.Hits == 1, point + " was not reached by Grow");
            ExpectClosed(folder, 1, "Grow, " + point);
            Faults.Arm(null);
            Expect(file.Read<byte>(Length - 1) == 0, "the first map is gone");
            MappedFile longer = file.Grow(2 * Length); // The file is opened again.
            file.Dispose();
            longer.Write(2 * Length - 1, (byte)7);
            longer.Dispose();
            ExpectClosed(folder, 0, "the end, " + point);
            Expect(MappedMemory.TotalMappedBytes == mapped, "mapped bytes are left after " + point);
            File.Delete(path);
        }
        Directory.Delete(folder);
    });

    public static string? Slabs() => Guard(() =>
    {
        long mapped = MappedMemory.TotalMappedBytes;
        int reserved = Faults.Reserved;
        Faults.Arm("reference");
        Throws<OutOfMemoryException>(() => NativeSlab.Allocate(Length));
        Expect(Faults.Hits == 1 && Faults.Reserved == reserved, "address space leaked");
        Faults.Arm(null);
        NativeSlab slab = NativeSlab.Allocate(Length);
        foreach ((string point, Action open) in new (string, Action)[]
        {
            ("ticket", () => slab.Hold()), ("stream", () => slab.OpenStream()), ("writer", () => slab.OpenWriter()),
            ("manager", () => slab.Own(0, 10)), ("ticket", () => slab.OpenStream()),
        })
        {
            Faults.Arm(point);
            Throws<OutOfMemoryException>(open);
            Expect(Faults.Hits == 1, point + " was not reached");
            Expect(slab.Reference.ApproximateCount == 1, "a pin was lost after " + point);
        }
        Faults.Arm(null);
        slab.OpenStream().Dispose();
        slab.Dispose();
        Expect(slab.Reference.IsZero && Faults.Reserved == reserved && MappedMemory.TotalMappedBytes == mapped, "the slab is left");
    });

    public static string? Pool() => Guard(() =>
    {
        int reserved = Faults.Reserved;
        var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 2 });
        foreach (string point in new[] { "reference", "block" })
        {
            Faults.Arm(point, after: point == "block" ? 1 : 0);
            Throws<OutOfMemoryException>(() => pool.RentBlock());
            Expect(Faults.Hits == 1 && Faults.Reserved == reserved && pool.MappedBytes == 0, "a slab leaked after " + point);
        }
        Faults.Arm(null);
        SlabRental first = pool.RentBlock(), second = pool.RentBlock();
        Faults.Arm("cache"); // This block comes back on a thread that gets no cache, and needs none.
        OnThread(() => first.Dispose());
        Expect(Faults.Hits == 0 && !first.IsRented, "the return failed");
        OnThread(() => Throws<OutOfMemoryException>(() => pool.RentBlock()));
        Expect(Faults.Hits == 1, "a cache was there");
        Faults.Arm(null);
        SlabRental again = pool.RentBlock();
        Expect(pool.MappedBytes == 128, "the returned block was lost: another slab was needed");
        again.Dispose();
        Faults.Arm("retire");
        Throws<OutOfMemoryException>(() => pool.RetireSlabs());
        Throws<OutOfMemoryException>(() => pool.Dispose());
        Expect(pool.MappedBytes == 128 && pool.RetiredBytes == 0, "slabs were lost");
        pool.RentBlock().Dispose(); // Nothing was changed: it still serves.
        Faults.Arm(null);
        pool.Dispose();
        Expect(pool.RetiredBytes == 128, "the rented block's slab is gone");
        second.Dispose();
        Expect(pool.MappedBytes == 0 && Faults.Reserved == reserved, "slabs are left");
    });

    public static string? Reclaimer() => Guard(() =>
    {
        using var domain = new EpochDomain();
        using var both = new CountdownEvent(2);
        Faults.Arm("thread");
        domain.Retire(() => both.Signal());
        Expect(Faults.Hits == 1, "no thread was asked for");
        Expect(domain.Reclaim() + domain.Reclaim() == 1 && both.CurrentCount == 1, "Reclaim does not do the thread's work");
        domain.Retire(() => { });
        Expect(Faults.Hits == 2, "the next retirement did not try again");
        Faults.Arm(null);
        domain.Retire(() => both.Signal());
        if (s_violation is null)
            Expect(both.Wait(TimeSpan.FromSeconds(60)), "what was retired without a thread is lost");
    });

    public static string? Readers() => Guard(() =>
    {
        using var domain = new EpochDomain(HostDriven);
        var table = new PagemapTable(domain);
        var reference = new PercpuRef();
        DevPagemap map = table.Register(new PfnRange(new Pfn(0), PagemapTable.PagesPerSubsection), reference);
        OccupyAreas();
        bool reclaimed = false;
        OnThread(() =>
        {
            Faults.Arm("area");
            EpochReader reader = domain.Enter();
            Throws<InvalidOperationException>(() => domain.Synchronize()); // It would wait for this thread.
            EpochReader nested = domain.Enter();
            EpochReader copy = nested;
            nested.Dispose();
            Throws<InvalidOperationException>(() => domain.Synchronize());
            using (var other = new EpochDomain(HostDriven))
                other.Synchronize(); // Of which nobody is inside.
            DevPagemap? found = table.GetDevPagemap(new Pfn(0));
            Expect(ReferenceEquals(found, map), "the lookup failed");
            PagemapTable.PutDevPagemap(found);
            Expect(Faults.Hits >= 3 && PerThread.Area == 0, "an area was not asked for");
            Expect(reference.ApproximateCount == 1, "a reference was lost");
            OnThread(() =>
            {
                domain.Retire(() => reclaimed = true);
                for (int i = 0; i < 3; i++)
                    domain.Reclaim();
            });
            Expect(!reclaimed, "reclaimed under a reader without an area");
            reader.Dispose();
            bool refused = false;
            try { copy.Dispose(); } catch (InvalidOperationException) { refused = true; }
            Expect(refused, "a section was left twice");
            domain.Synchronize(); // Nobody is inside: not this thread either.
            domain.Barrier();
            Faults.Arm(null);
            using (domain.Enter())
                Throws<InvalidOperationException>(() => domain.Synchronize());
            Expect(PerThread.Area != 0, "the thread has no area");
        });
        Expect(reclaimed, "nothing was reclaimed");
        reference.Kill();
        table.Unregister(map);
    });

    private static string? Guard(Action body)
    {
        s_violation = null;
        Faults.Arm(null);
        OnThread(body);
        Faults.Arm(null);
        return s_violation;
    }

    private static void Expect(bool condition, string otherwise) { if (!condition) s_violation ??= otherwise; }

    private static T? Throws<T>(Action body) where T : Exception
    {
        try { body(); }
        catch (T expected) { return expected; }
        s_violation ??= $"no {typeof(T).Name}";
        return null;
    }

    private static void ExpectClosed(string path, int mapped, string after)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Expect(File.ReadLines("/proc/self/maps").Count(line => line.Contains(path)) == mapped, "a mapping is left after " + after);
        Expect(!Directory.EnumerateFileSystemEntries("/proc/self/fd").Any(fd => IsOf(fd, path)), "a descriptor is left after " + after);
    }

    private static bool IsOf(string descriptor, string path)
    {
        try { return new FileInfo(descriptor).LinkTarget?.StartsWith(path) == true; } catch (IOException) { return false; }
    }

    // So that there is no ended thread's area to take over.
    private static void OccupyAreas()
    {
        var reference = new PercpuRef();
        for (int i = PerProcess.Stripes.AreaCount; i >= 0; i--)
        {
            using var done = new ManualResetEventSlim();
            new Thread(() => { reference.Get(); done.Set(); Thread.Sleep(Timeout.Infinite); }) { IsBackground = true }.Start();
            done.Wait();
        }
    }

    private static void OnThread(Action body)
    {
        var thread = new Thread(() =>
        {
            try { body(); } catch (Exception exception) { s_violation ??= exception.ToString(); }
        });
        thread.Start();
        thread.Join();
    }
}
