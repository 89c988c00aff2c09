using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

/// <summary>A host loads a plug-in that uses the library into a collectible load context, and unloads it.</summary>
public sealed class UnloadingTests
{
    // In a process of its own, which loads itself and the library once more for each plug-in.
    private const string Host = """
        using System.Diagnostics.Metrics;
        using System.Diagnostics.Tracing;
        using System.IO.MemoryMappedFiles;
        using System.Reflection;
        using System.Runtime.CompilerServices;
        using System.Runtime.Loader;
        using Percpu;
        using Percpu.Buffers;
        using Percpu.Pagemap;

        string folder = AppContext.BaseDirectory;
        string path = Path.Combine(folder, "mapped file of a plug-in");
        File.WriteAllBytes(path, new byte[8192]);
        using var meters = new MeterListener();
        int heard = 0, gone = 0;
        meters.InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == "Percpu") listener.EnableMeasurementEvents(instrument); };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Interlocked.Increment(ref heard));
        meters.MeasurementsCompleted = (instrument, state) => gone++;
        meters.Start();
        using var events = new Events();

        int steady = 0;
        for (int round = 0; round < 6; round++)
        {
            int eventsBefore = events.Heard, heardBefore = heard, goneBefore = gone;
            WeakReference context = LoadAndUse(round);
            Check(heard > heardBefore, $"round {round}: no measurement was heard");
            Check(events.Heard > eventsBefore, $"round {round}: no event was heard");
            Check(gone >= goneBefore + 10, $"round {round}: {gone - goneBefore} instruments are gone");
            for (int i = 0; i < 200 && (context.IsAlive || i < 4 || (round > 1 && Reserved() > steady)); i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Thread.Sleep(20);
            }
            Check(!context.IsAlive, $"round {round}: the context is still there");
            Check(!File.ReadAllText("/proc/self/maps").Contains(path), $"round {round}: the file is still mapped");
            // The runtime's own small maps come and go: the library reserves large ones.
            if (round == 1)
                steady = Reserved();
            Check(round < 2 || Reserved() <= steady, $"round {round}: {Reserved()} large maps, {steady} before");
        }
        Console.WriteLine("unloaded");
        return 0;

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference LoadAndUse(int round)
        {
            var context = new Context(folder);
            Type plugin = context.LoadFromAssemblyPath(Path.Combine(folder, "Program.dll")).GetType("Plugin")!;
            plugin.GetMethod("Use")!.Invoke(null, [path]);
            meters.RecordObservableInstruments();
            context.Unload();
            return new WeakReference(context);
        }

        int Reserved() => File.ReadLines("/proc/self/maps").Count(line =>
        {
            string[] range = line.Split(' ')[0].Split('-');
            return line.Contains("---p 00000000 00:00 0") && Convert.ToInt64(range[1], 16) - Convert.ToInt64(range[0], 16) > (200L << 20);
        });

        static void Check(bool condition, string otherwise)
        {
            if (!condition)
            {
                Console.Error.WriteLine(otherwise);
                Environment.Exit(1);
            }
        }

        sealed class Context(string folder) : AssemblyLoadContext("plug-in", isCollectible: true)
        {
            protected override Assembly? Load(AssemblyName name) =>
                name.Name!.StartsWith("PercpuRef") ? LoadFromAssemblyPath(Path.Combine(folder, name.Name + ".dll")) : null;
        }

        sealed class Events : EventListener
        {
            public int Heard;
            protected override void OnEventSourceCreated(EventSource source)
            {
                if (source.Name == "Percpu")
                    EnableEvents(source, EventLevel.Verbose);
            }
            protected override void OnEventWritten(EventWrittenEventArgs data)
            {
                if (data.EventSource.Name == "Percpu")
                    Interlocked.Increment(ref Heard);
            }
        }

        """;

    private const string OfMemory = """
        public static class Plugin
        {
            public static void Use(string path)
            {
                using var slab = NativeSlab.Allocate(1 << 16);
                using var file = MappedFile.Open(path);
                using var cell = new MappedCell<MappedFile>(MappedFile.Open(path, new MappedFileOptions { Access = MemoryMappedFileAccess.Read }));
                using var pool = new SlabPool();
                using var domain = new EpochDomain();
                Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
                {
                    for (int i = 0; i < 100; i++)
                    {
                        using MappedPin pin = file.Pin();
                        using HeldPin held = slab.Hold();
                        using SlabRental block = pool.RentBlock();
                        file.Write(8, file.Read<int>(8) + 1);
                        using (domain.Enter())
                        using (EpochDomain.Shared.Enter())
                            cell.Current!.ReadByte(0);
                        domain.Retire(() => { });
                        EpochDomain.Shared.Retire(() => { });
                    }
                }))];
                foreach (Thread thread in threads)
                    thread.Start();
                foreach (Thread thread in threads)
                    thread.Join();
                file.Grow(file.Length + 8192).Dispose();
                domain.Barrier();
                var reference = new PercpuRef(_ => { }, PercpuRefOptions.TrackHolders);
                reference.Get();
                reference.Put();
                reference.KillAndConfirm(_ => { });
                MappedFile dropped = MappedFile.Open(path); // Its finalizer unmaps and reports it.
                NativeSlab.Allocate(1 << 20);
            }
        }
        """;

    // Its devices are removed at the end: a device that is bound keeps the context, as it keeps a kernel's module.
    private const string OfDevices = """
        public static class Plugin
        {
            public static void Use(string path)
            {
                var space = new PhysicalSpace(38);
                var table = new PagemapTable(space);
                space.AddRam(new PfnRange(new Pfn(0), 2048));
                var range = new PfnRange(new Pfn(1 << 20), 65536);
                var device = new Device(table, "plug-in");
                PmemDevice pmem = PmemDriver.Bind(device, new PmemNamespace(space.AddDevice(range, "pmem"), mapPages: true));
                pmem.Disk.Write(0, new byte[512]);
                var memory = new AddressSpace(table);
                Area area = memory.MapDax((PmemDisk)pmem.Disk, 0, 2 << 20, AreaAccess.ReadWrite);
                var gpu = new Device(table, "gpu");
                HmmDevice hmm = HmmDevice.Add(gpu, 512);
                Page page = hmm.TryAllocatePage();
                Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
                {
                    var pages = new Page[16];
                    for (int i = 0; i < 100; i++)
                    {
                        AddressSpace.PutPages(pages.AsSpan(0, memory.GetUserPagesFast(area.Start, pages, GupFlags.Get | GupFlags.Write)));
                        PagemapTable.PutDevPagemap(table.GetDevPagemap(range.Start));
                    }
                }))];
                foreach (Thread thread in threads)
                    thread.Start();
                foreach (Thread thread in threads)
                    thread.Join();
                page.Put();
                gpu.Remove();
                memory.Dispose();
                device.Remove();
                space.Dispose();
            }
        }
        """;

    [Theory]
    [InlineData(OfMemory)]
    [InlineData(OfDevices)]
    public void I80_unloading_gives_back_every_mapping_handle_and_instrument(string plugin)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts in /proc.");
        Assert.Contains("unloaded", Programs.Run(Host + plugin), StringComparison.Ordinal);
    }
}
