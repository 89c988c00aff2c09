using System.Diagnostics.Tracing;
using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Frames;

public sealed class PageTests
{
    [Fact]
    public void I47_every_page_of_a_map_points_at_it_is_poisoned_and_idles_at_1()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        DevPagemap map = machine.Device.DevmMemremapPages(TestMachine.Pmem, reference).Pagemap!;

        for (ulong pfn = map.FirstPfn.Value; pfn < map.EndPfn.Value; pfn++)
        {
            Page page = machine.Space.PfnToPage(new Pfn(pfn));
            Assert.Same(map, page.Owner);
            Assert.Equal(1, page.Count);
            Assert.Equal(PageFlags.Device, page.Flags);
            Assert.Equal(new Pfn(pfn), machine.Space.PageToPfn(page));
        }
        Assert.Throws<InvalidOperationException>(machine.Space.PfnToPage(map.FirstPfn).AddToLru);
        reference.Kill();
    }

    [Fact]
    public void Flags_that_threads_set_and_clear_side_by_side_are_all_set_and_all_cleared()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        machine.Device.DevmMemremapPages(TestMachine.Pmem, reference);
        Page page = machine.Space.PfnToPage(TestMachine.Pmem.Start);
        PageFlags before = page.Flags;
        bool ends = false;
        Worker[] threads = [.. ((PageFlags[])[PageFlags.Dirty, PageFlags.Accessed, PageFlags.Locked]).Select(flag => new Worker(() =>
        {
            try
            {
                // The first to have done all its rounds, or to fail, ends it: as long as it runs it shall meet somebody.
                for (int i = 0; i < 300_000 && !Volatile.Read(ref ends); i++)
                {
                    Assert.Equal(PageFlags.None, page.SetFlags(flag) & flag);
                    Assert.Equal(flag, page.ClearFlags(flag) & flag);
                }
            }
            finally
            {
                Volatile.Write(ref ends, true);
            }
        }))];
        Array.ForEach(threads, each => each.Join("a flag to be set or cleared"));
        Assert.Equal(before, page.Flags);
        reference.Kill();
    }

    [Fact]
    public void I47_racing_first_lookups_of_a_section_all_see_it_initialised()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        DevPagemap map = machine.Device.DevmMemremapPages(TestMachine.Pmem, reference).Pagemap!;
        int wrong = 0;
        using var start = new Barrier(4);
        Worker[] threads = [.. Enumerable.Range(0, 4).Select(i => new Worker(() =>
        {
            start.SignalAndWait();
            for (ulong k = 0; k < 65536; k += 509)
            {
                Page page = machine.Space.PfnToPage(new Pfn(TestMachine.Pmem.End.Value - 1 - k));
                if (page.IsNull || page.Count != 1 || !ReferenceEquals(page.Owner, map))
                    Interlocked.Increment(ref wrong);
            }
        }))];
        Array.ForEach(threads, each => each.Join("the others, or frames"));
        Assert.Equal(0, wrong);
        reference.Kill();
    }

    [Fact]
    public void A_page_and_its_number_follow_from_each_other_and_no_frames_give_no_page()
    {
        using var machine = new TestMachine();

        Assert.True(machine.Space.PfnToPage(new Pfn(TestMachine.Ram.Length)).IsNull);
        Assert.True(machine.Space.PfnToPage(new Pfn(ulong.MaxValue)).IsNull);
        // Nor where the section's frames have been looked at: behind the last of a range there is no memory for any.
        Assert.False(machine.Space.PfnToPage(new Pfn(TestMachine.Ram.Length - 1)).IsNull);
        Assert.True(machine.Space.PfnToPage(new Pfn(TestMachine.Ram.Length)).IsNull);
        Assert.True(machine.Space.PfnToPage(new Pfn(FrameMap.PagesPerSection - 1)).IsNull);
        Assert.Throws<ArgumentException>(() => machine.Space.PageToPfn(default));
        Assert.Throws<InvalidOperationException>(() => default(Page).Count);
        using var other = new PhysicalSpace(38);
        Assert.Throws<ArgumentException>(() => other.PageToPfn(machine.Space.PfnToPage(new Pfn(5))));
    }

    [Fact]
    public void Get_and_put_of_a_device_page_hold_its_map()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        machine.Device.DevmMemremapPages(TestMachine.Pmem, reference);
        Page page = machine.Space.PfnToPage(TestMachine.Pmem.Start);

        page.Get();
        Assert.Equal(2, page.Count);
        reference.Kill();
        Assert.False(reference.IsZero);
        page.Get();
        page.Put();
        page.Put();
        Assert.True(reference.IsZero);
        Assert.Throws<InvalidOperationException>(page.Put);
        Assert.Equal(1, page.Count);
    }

    [Fact]
    public void I50_the_free_callback_runs_each_time_a_page_becomes_idle_and_its_exception_reaches_the_put()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        var freed = new List<ulong>();
        bool fails = false;
        machine.Device.DevmMemremapPages(TestMachine.Pmem, reference, pageFree: page =>
        {
            freed.Add(machine.Space.PageToPfn(page).Value);
            if (fails)
                throw new FormatException();
        });
        Page page = machine.Space.PfnToPage(TestMachine.Pmem.Start);

        page.Get();
        page.Get();
        page.Put();
        Assert.Empty(freed);
        page.Put();
        page.Get();
        fails = true;
        Assert.Throws<FormatException>(page.Put);
        Assert.Equal([TestMachine.Pmem.Start.Value, TestMachine.Pmem.Start.Value], freed);
        reference.Kill();
        Assert.True(reference.IsZero);
    }

    [Fact]
    public void I47_a_section_is_initialised_once_and_what_holds_its_pages_stays_whatever_section_comes_next()
    {
        using var machine = new TestMachine();
        const ulong section = PagemapTable.PagesPerSection;
        ulong[] sections = [32, 33, 62, 63, 64, 65, 127, 128, 200]; // Of the same words of bits, and of others.
        using var reference = new PercpuRef();
        var mappings = new Dictionary<ulong, DeviceMapping>();
        var held = new Dictionary<ulong, Page>();
        foreach (ulong each in sections)
        {
            var range = new PfnRange(new Pfn(each * section), 512);
            machine.Space.AddDevice(range, "section");
            mappings[each] = machine.Device.DevmMemremapPages(range, reference);
            Page page = held[each] = machine.Space.PfnToPage(new Pfn((each * section) + 5));
            page.Get();
            page.DriverData = (long)each;
            MustHold();
        }
        Page ram = machine.Space.AllocatePage();
        // One goes and another comes in its place: it is initialised anew, and no neighbour is.
        held[64].Put();
        held.Remove(64);
        machine.Space.Frames.Remove(mappings[64].Pagemap!.Range);
        Assert.True(machine.Space.PfnToPage(new Pfn((64 * section) + 5)).IsNull);
        MustHold();
        machine.Space.Frames.Populate(mappings[64].Pagemap!.Range, 64 * section, mappings[65].Pagemap!);
        Page again = machine.Space.PfnToPage(new Pfn((64 * section) + 5));
        Assert.Same(mappings[65].Pagemap, again.Owner);
        Assert.Equal((1L, 0L), (again.Count, again.DriverData));
        MustHold();
        Assert.Equal(1, ram.Count);
        ram.Put();
        foreach (Page page in held.Values)
            page.Put();
        reference.Kill();

        void MustHold()
        {
            foreach ((ulong each, Page page) in held)
            {
                Page found = machine.Space.PfnToPage(new Pfn((each * section) + 5));
                Assert.Equal(page, found);
                Assert.Equal((2L, (long)each), (found.Count, found.DriverData));
                Assert.Equal(1, machine.Space.PfnToPage(new Pfn((each * section) + 6)).Count);
            }
        }
    }

    [Fact]
    public void A_put_too_many_has_changed_nothing_when_it_is_told()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        machine.Device.DevmMemremapPages(TestMachine.Pmem, reference);
        Page page = machine.Space.PfnToPage(TestMachine.Pmem.Start), ram = machine.Space.AllocatePage();
        ram.Put();
        foreach ((Page each, long idle) in (ReadOnlySpan<(Page, long)>)[(page, 1), (ram, 0)])
        {
            using var listener = new MisuseListener(() => each.Count);
            Assert.Throws<InvalidOperationException>(each.Put);
            Assert.Equal([idle], listener.Seen);
            Assert.Equal(idle, each.Count);
        }
        Assert.False(reference.IsZero);
        reference.Kill();
        Assert.True(reference.IsZero); // The put has not taken the map's reference either.
    }

    [Fact]
    public void Only_one_locks_a_page_and_driver_data_belongs_to_device_pages()
    {
        using var machine = new TestMachine();
        machine.AddDevice();
        using var reference = new PercpuRef();
        machine.Device.DevmMemremapPages(TestMachine.Pmem, reference);
        Page page = machine.Space.PfnToPage(TestMachine.Pmem.Start);

        Assert.True(page.TryLock());
        Assert.False(page.TryLock());
        page.Unlock();
        Assert.Throws<InvalidOperationException>(page.Unlock);
        page.DriverData = 42;
        Assert.Equal(42, page.DriverData);
        Page ram = machine.Space.AllocatePage();
        Assert.Throws<InvalidOperationException>(() => ram.DriverData = 1);
        Assert.Equal(PageFlags.None, ram.Flags);
        ram.MarkDirty();
        Assert.Equal(PageFlags.Dirty, ram.Flags);
        ram.MarkAccessed();
        ram.MarkAccessed();
        Assert.Equal(PageFlags.Dirty | PageFlags.Accessed, ram.Flags);
        ram.Put();
        reference.Kill();
    }

    [Fact]
    public void No_page_refuses_everything_with_a_clear_error()
    {
        Page none = default;
        Assert.True(none.IsNull && none == new Page());
        Action[] calls = [none.Get, none.Put, none.Unlock, none.MarkDirty, none.AddToLru, () => none.TryLock(), () => _ = none.Count, () => _ = none.Flags, () => _ = none.Owner, () => none.DriverData = 1];
        Assert.All(calls, call => Assert.Equal("This is no page.", Assert.Throws<InvalidOperationException>(call).Message));
    }

    /// <summary>Looks at a count each time this thread's misuse is told.</summary>
    private sealed class MisuseListener : EventListener
    {
        private readonly Func<long>? _count;
        private readonly int _thread = Environment.CurrentManagedThreadId;

        internal MisuseListener(Func<long> count)
        {
            _count = count;
            EventSourceCreated += (_, created) =>
            {
                if (created.EventSource?.Name == "Percpu")
                    EnableEvents(created.EventSource, EventLevel.Verbose);
            };
        }

        internal List<long> Seen { get; } = [];

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName == "Misuse" && Environment.CurrentManagedThreadId == _thread && _count is not null)
                Seen.Add(_count());
        }
    }
}
