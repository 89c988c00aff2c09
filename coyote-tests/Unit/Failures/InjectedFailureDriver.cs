namespace Percpu.Unit.Failures;

/// <summary>What runs inside the variant in which named places fail. Each method returns what went wrong, or null.</summary>
internal static class InjectedFailureDriver
{
    internal const string Source = """
        using System.Diagnostics.Metrics; using System.Diagnostics.Tracing; using System.IO.MemoryMappedFiles;
        using Percpu; using Percpu.Buffers; using Percpu.Memory; using Percpu.Pagemap;

        public static class Faults
        {
            private static string? s_armed;
            private static int s_after;
            public static int Hits, Blocks, Reserved;

            public static void Arm(string? point, int after = 0) { s_armed = point; s_after = after; Hits = 0; }

            public static void Hit(string point)
            {
                if (s_armed != point || s_after-- > 0)
                    return;
                Hits++;
                throw new OutOfMemoryException("injected: " + point);
            }
        }

        public static class Driver
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

            public static string? Callbacks() => Guard(() =>
            {
                using var domain = new EpochDomain(HostDriven);
                int ran = 0;
                for (int i = 0; i < 4; i++)
                {
                    int number = i;
                    domain.Retire(() => { ran++; throw new FormatException(number.ToString()); });
                }
                domain.Retire(() => ran++);
                Faults.Arm("failures");
                var failure = Throws<AggregateException>(() => domain.Barrier());
                Expect(ran == 5, $"{ran} of 5 callbacks ran");
                Expect(failure?.InnerException?.Message == "0" && failure.Message.Contains("3 exceptions more"), "the exceptions are lost: " + failure?.Message);

                int released = 0;
                var batch = Enumerable.Range(0, 4).Select(i => new PercpuRef(_ => { released++; throw new FormatException(i.ToString()); })).ToArray();
                Faults.Arm("failures");
                failure = Throws<AggregateException>(() => PercpuRef.KillAll(batch));
                Expect(released == 4 && batch.All(each => each.IsZero), $"{released} of 4 released");
                Expect(failure?.InnerException?.Message == "0" && failure.Message.Contains("3 exceptions more"), "the exceptions of the batch are lost");
            });

            public static string? Listeners() => Guard(() =>
            {
                using var listener = new MeterListener();
                listener.InstrumentPublished = (instrument, self) =>
                {
                    if (ReferenceEquals(instrument.Meter, PercpuMeter.Meter)) self.EnableMeasurementEvents(instrument);
                };
                int heard = 0;
                listener.SetMeasurementEventCallback<long>((_, _, _, _) => { heard++; throw new FormatException(); });
                listener.SetMeasurementEventCallback<double>((_, _, _, _) => { heard++; throw new FormatException(); });
                listener.Start();
                int released = 0;
                var reference = new PercpuRef(_ => released++);
                reference.Get();
                reference.Kill();
                reference.Put();
                var batch = new[] { new PercpuRef(_ => released++), new PercpuRef(_ => released++) };
                PercpuRef.KillAll(batch);
                new PercpuRef(_ => released++).Dispose();
                Throws<InvalidOperationException>(() => reference.Put());
                Expect(heard > 0, "nobody listened");
                Expect(released == 4, $"{released} of 4 released under a listener that throws");
            });

            public static string? StallListener() => Guard(() =>
            {
                var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false, StallReportAfter = TimeSpan.FromMilliseconds(1) });
                using var inside = new ManualResetEventSlim();
                using var leave = new ManualResetEventSlim();
                var reader = new Thread(() => { using (domain.Enter()) { inside.Set(); leave.Wait(); } });
                reader.Start();
                inside.Wait();
                bool reclaimed = false, heard = false, returned = false;
                using var listener = new Listener(() =>
                {
                    if (heard) return;
                    heard = true;
                    leave.Set();
                    domain.Barrier();
                    returned = true;
                });
                domain.Retire(() => reclaimed = true);
                var host = new Thread(() => { while (!Volatile.Read(ref heard)) domain.Reclaim(); }) { IsBackground = true };
                host.Start();
                Expect(host.Join(TimeSpan.FromSeconds(10)), "a listener that calls Barrier hangs");
                Expect(returned && reclaimed, "Barrier did not reclaim");
                leave.Set();
                reader.Join();
            });

            private sealed class Listener(Action onStall) : EventListener
            {
                protected override void OnEventSourceCreated(EventSource source)
                {
                    if (ReferenceEquals(source.GetType().Assembly, typeof(Driver).Assembly)) EnableEvents(source, EventLevel.Warning);
                }

                protected override void OnEventWritten(EventWrittenEventArgs written)
                {
                    if (written.EventName == "StalledReader") onStall?.Invoke();
                }
            }

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
                Expect(Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(fd => IsOf(fd, path)) == 0, "a descriptor is left after " + after);
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
        """;
}
