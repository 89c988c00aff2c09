using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Frames;

/// <summary>Each argument that is refused is told by its name and value; of several the first that is wrong.</summary>
public sealed class RefusedFrameArgumentsTests
{
    [Fact]
    public void Arguments_of_spaces()
    {
        foreach (int bits in (int[])[29, 51, 0, -1, int.MaxValue])
            Refused.Range("addressBits", bits, () => new PhysicalSpace(bits));
        foreach (int bits in (int[])[30, 31, 49])
        {
            using var space = new PhysicalSpace(bits);
            Assert.Equal(1UL << (bits - 12), space.Capacity);
        }
        using var machine = new TestMachine();
        var bad = new PfnRange(new Pfn(1 << 20), 0);
        foreach (string? name in (string?[])[null, ""])
        {
            Assert.Equal("name", Assert.ThrowsAny<ArgumentException>(() => machine.Space.AddDevice(bad, name!)).ParamName);
            Assert.Equal("name", Assert.ThrowsAny<ArgumentException>(() => machine.Space.AddDevice(bad, name!, name!)).ParamName);
            Assert.Equal("path", Assert.ThrowsAny<ArgumentException>(() => machine.Space.AddDevice(bad, "pmem", name!)).ParamName);
        }
        ulong capacity = machine.Space.Capacity;
        foreach ((ulong start, ulong length, PfnRangeFault fault) in ((ulong, ulong, PfnRangeFault)[])
        [
            (1, 0, PfnRangeFault.Empty), (ulong.MaxValue, 0, PfnRangeFault.Empty), (ulong.MaxValue, 1, PfnRangeFault.Wraps), (ulong.MaxValue - 512, 512, PfnRangeFault.OutsideSpace), (ulong.MaxValue - 511, 512, PfnRangeFault.Wraps),
            (ulong.MaxValue - 511, 513, PfnRangeFault.Wraps), (capacity, 512, PfnRangeFault.OutsideSpace), (capacity - 512, 1024, PfnRangeFault.OutsideSpace),
            (capacity + 1, 1, PfnRangeFault.OutsideSpace), (1 << 20, 511, PfnRangeFault.Misaligned), ((1 << 20) + 1, 512, PfnRangeFault.Misaligned), ((1 << 20) + 511, 513, PfnRangeFault.Misaligned),
        ])
        {
            var range = new PfnRange(new Pfn(start), length);
            bool hasTail = (start & 511) == 0 && length == 511; // A file may have one.
            foreach (Action add in (Action[])[() => machine.Space.AddRam(range), () => machine.Space.AddDevice(range, "pmem"), () => machine.Space.AddDevice(range, "pmem", "none")])
            {
                if (hasTail && Caught.By(add) is FileNotFoundException)
                    continue;
                var refused = Assert.Throws<PfnRangeException>(add);
                Assert.Equal((fault, "range", (object)range), (refused.Fault, refused.ParamName, refused.ActualValue!));
            }
            if (fault is PfnRangeFault.Empty or PfnRangeFault.Wraps)
                Assert.Equal(fault, Assert.Throws<PfnRangeException>(() => machine.Space.Intersects(range)).Fault);
        }
        machine.Space.AddDevice(new PfnRange(new Pfn(capacity - 512), 512), "last");
        Assert.Equal("last", machine.Space.FindRegion(new Pfn(capacity - 1))?.Name);
        Assert.Null(machine.Space.FindRegion(new Pfn(capacity)));
    }

    [Fact]
    public void A_page_of_another_space_and_none_are_refused()
    {
        using var machine = new TestMachine();
        using var other = new TestMachine();
        Page page = other.Space.AllocatePage();
        Refused.Wrong("page", () => machine.Space.PageToPfn(page));
        Refused.Wrong("page", () => machine.Space.Memory(page).Clear());
        Refused.Wrong("page", () => machine.Space.PageToPfn(default));
        page.Put();
        foreach (Action call in (Action[])[() => default(Page).Get(), () => default(Page).Put(), () => default(Page).MarkDirty(), () => default(Page).TryLock(), () => default(Page).Unlock(), () => default(Page).AddToLru(), () => _ = default(Page).Count, () => _ = default(Page).Flags, () => _ = default(Page).DriverData])
            Assert.Throws<InvalidOperationException>(call);
        Assert.True(default(Page).IsNull && default(Page).Equals((object)default(Page)) && !default(Page).Equals(null));
    }

    [Fact]
    public void A_flag_is_set_and_taken_back_alone()
    {
        using var machine = new TestMachine();
        Page page = machine.Space.AllocatePage();
        PageFlags[] all = [.. Enum.GetValues<PageFlags>().Where(flag => flag != PageFlags.None)];
        foreach (PageFlags first in all)
        {
            Assert.Equal(PageFlags.None, page.SetFlags(first));
            foreach (PageFlags second in all)
            {
                Assert.Equal(first, page.SetFlags(second));
                Assert.Equal(first | second, page.Flags);
                Assert.Equal(first | second, page.SetFlags(second | first));
                if (second == first)
                    continue;
                Assert.Equal(first | second, page.ClearFlags(second));
                Assert.Equal(first, page.Flags);
                Assert.Equal(first, page.ClearFlags(second));
                page.SetFlags(second);
                Assert.Equal(first | second, page.ClearFlags(second | PageFlags.OnLru & ~first));
                Assert.Equal(first, page.Flags);
            }
            Assert.Equal(first, page.ClearFlags(first));
            Assert.Equal(PageFlags.None, page.Flags);
        }
        Assert.True(page.TryLock() && !page.TryLock());
        page.Unlock();
        Assert.Throws<InvalidOperationException>(page.Unlock);
        Assert.Equal(PageFlags.None, page.Flags);
        page.Put();
    }
}
