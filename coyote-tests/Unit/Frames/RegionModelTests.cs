using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Frames;

/// <summary>Ranges of a space that come and go at random, and the same on a list.</summary>
public sealed class RegionModelTests
{
    private const ulong Section = FrameMap.PagesPerSection;

    [Fact]
    public void A_space_finds_what_was_added_and_not_removed_and_free_places_from_the_top() => Worker.RunWaiting("a search that does not end", static () =>
    {
        var random = new Random(12);
        using var space = new PhysicalSpace(34); // 128 sections.
        var model = new List<PhysicalRegion> { space.AddRam(new PfnRange(new Pfn(1024), 2048)), space.AddRam(new PfnRange(new Pfn(100 * Section), 512)) };
        for (int step = 0; step < 400; step++)
        {
            int kind = random.Next(8);
            if (kind < 2 && model.Count > 2)
            {
                PhysicalRegion gone = model[random.Next(2, model.Count)];
                model.Remove(gone);
                space.Remove(gone);
            }
            else if (kind < 5)
            {
                Add(space, model, random);
            }
            else if (kind < 7)
            {
                AddProtected(space, model, (ulong)random.Next(1, random.Next(2) == 0 ? 40 : 20 * (int)Section));
            }
            foreach (PhysicalRegion each in model)
            {
                foreach (ulong pfn in (ulong[])[each.Range.Start.Value - 1, each.Range.Start.Value, each.Range.End.Value - 1, each.Range.End.Value])
                    Assert.Same(model.Find(other => other.Range.Contains(new Pfn(pfn))), space.FindRegion(new Pfn(pfn)));
            }
            for (int i = 0; i < 10; i++)
                CheckIntersects(space, model, random);
        }
    });

    private static void Add(PhysicalSpace space, List<PhysicalRegion> model, Random random)
    {
        ulong start = random.Next(2) == 0 ? (ulong)random.Next(128 * 64) * 512 : model[random.Next(model.Count)].Range.End.Value & ~511UL;
        var range = new PfnRange(new Pfn(start), Math.Min((ulong)random.Next(1, 200) * 512, space.Capacity - start));
        if (range.Length == 0)
            return;
        PhysicalRegion[] inTheWay = [.. model.Where(each => each.Range.Start.Value < range.End.Value && range.Start.Value < each.Range.End.Value)];
        if (inTheWay.Length > 0)
        {
            var thrown = Assert.Throws<RangeBusyException>(() => space.AddDevice(range, "device"));
            Assert.Equal(range, thrown.Requested);
            Assert.Contains(thrown.InTheWay, inTheWay.Select(static each => each.Range));
            return;
        }
        PhysicalRegion added = space.AddDevice(range, "device");
        Assert.Equal((range, RegionKind.Device, RegionBacking.Anonymous, "device"), (added.Range, added.Kind, added.Backing, added.Name));
        model.Add(added);
    }

    // In whole sections, as high as it goes.
    private static void AddProtected(PhysicalSpace space, List<PhysicalRegion> model, ulong pages)
    {
        ulong sections = (pages + Section - 1) / Section;
        ulong? expected = null;
        for (ulong first = 128 - Math.Min(128, sections); expected is null && first < 128; first--)
        {
            if (!model.Exists(each => each.Range.Start.Value / Section < first + sections && (each.Range.End.Value - 1) / Section >= first))
                expected = first * Section;
        }
        if (expected is null)
        {
            Assert.Throws<InsufficientMemoryException>(() => space.AddProtected(pages, "memory"));
            return;
        }
        PhysicalRegion added = space.AddProtected(pages, "memory");
        Assert.Equal((new PfnRange(new Pfn(expected.Value), pages), RegionBacking.Protected), (added.Range, added.Backing));
        model.Add(added);
    }

    private static void CheckIntersects(PhysicalSpace space, List<PhysicalRegion> model, Random random)
    {
        PfnRange near = model[random.Next(model.Count)].Range;
        ulong start = near.Start.Value + (ulong)random.Next(0, 3) * (near.Length / 2), length = random.Next(3) switch { 0 => 1, 1 => near.Length, _ => (ulong)random.Next(1, 10) * Section };
        start -= Math.Min(start, (ulong)random.Next(0, 2));
        var range = new PfnRange(new Pfn(start), length);
        foreach (RegionKind kind in (RegionKind[])[RegionKind.SystemRam, RegionKind.Device])
        {
            ulong covered = 0;
            bool others = false;
            foreach (PfnRange each in model.Where(each => each.Kind == kind).Select(static each => each.Range))
            {
                ulong from = Math.Max(each.Start.Value, start), to = Math.Min(each.End.Value, start + length);
                covered += from < to ? to - from : 0;
            }
            foreach (PfnRange each in model.Where(each => each.Kind != kind).Select(static each => each.Range))
                others |= Math.Max(each.Start.Value, start) < Math.Min(each.End.Value, start + length);
            Assert.Equal(covered == 0 ? RegionIntersection.Disjoint : others || covered < length ? RegionIntersection.Mixed : RegionIntersection.Intersects, space.Intersects(range, kind));
        }
    }
}
