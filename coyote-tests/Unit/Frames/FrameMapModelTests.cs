using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Frames;

/// <summary>Ranges of frames that come and go at random, and the same on a list: every word of the frames at their edges.</summary>
public sealed unsafe class FrameMapModelTests
{
    private const ulong Section = FrameMap.PagesPerSection;
    private const long StorageBytes = 16 << 20;

    // Where ranges are put: sections beside each other and apart, the first and nearly the last.
    private static readonly ulong[] Hoods = [0, 62 * Section, 63 * Section, 64 * Section, 127 * Section, 2045 * Section];

    private readonly record struct Known(PfnRange Range, ulong FirstUsable, FrameOwner Owner, RegionMemory? Storage, long Offset);

    [Fact]
    public void I47_frames_are_those_of_the_ranges_that_are_there_each_with_its_owner_and_new()
    {
        var frames = new FrameMap(38);
        try
        {
            Walk(frames);
        }
        finally
        {
            frames.Release();
        }
    }

    private static void Walk(FrameMap frames)
    {
        var random = new Random(11);
        using var space = new PhysicalSpace(38);
        var table = new PagemapTable(space);
        using var reference = new PercpuRef();
        using RegionMemory storage = RegionMemory.CreateAnonymous(StorageBytes);
        storage.Map();
        var model = new List<Known>();
        for (int step = 0; step < 150; step++)
        {
            if (model.Count > 3 || (model.Count > 0 && random.Next(3) == 0))
            {
                Known gone = model[random.Next(model.Count)];
                model.Remove(gone);
                frames.Remove(gone.Range);
                foreach (ulong pfn in Edges(gone))
                    Assert.True(IsZero(frames.Locate(pfn)), $"Step {step}: a stale pointer to frame {pfn} reads something.");
            }
            else
            {
                Populate(frames, model, Next(random, space, table, reference, storage), step);
            }
            foreach (Known each in model)
            {
                foreach (ulong pfn in Edges(each))
                {
                    PageFrame* frame = random.Next(2) == 0 ? frames.Find(pfn) : frames.TryFind(pfn);
                    if (frame != frames.Locate(pfn) || frames.NumberOf(frame) != pfn)
                        Assert.Fail($"Step {step}: frame {pfn} is not found.");
                    AssertFrame(each, frame, pfn, step);
                }
                foreach (ulong pfn in (ulong[])[each.Range.Start.Value - 1, each.Range.End.Value])
                    Assert.Equal(model.Exists(other => other.Range.Contains(new Pfn(pfn))), frames.Find(pfn) != null);
            }
            foreach (ulong hood in Hoods)
                Assert.Equal(model.Exists(each => each.Range.Contains(new Pfn(hood + 5))), frames.TryFind(hood + 5) != null);
        }
    }

    private static Known Next(Random random, PhysicalSpace space, PagemapTable table, PercpuRef reference, RegionMemory storage)
    {
        ulong start = Hoods[random.Next(Hoods.Length)] + ((ulong)random.Next(0, random.Next(2) == 0 ? 2 : 64) * 512);
        ulong length = Math.Min((ulong)random.Next(1, random.Next(2) == 0 ? 4 : 150) * 512, (2048 * Section) - start);
        var range = new PfnRange(new Pfn(start), length);
        bool inDevice = (length << PageFrame.FrameShift) <= StorageBytes / 2 && random.Next(2) == 0;
        long offset = inDevice ? random.Next(0, 100) * 4096L : 0;
        FrameOwner owner = random.Next(4) == 0 ? space.Ram : new DevPagemap(table, range, reference, unaddressable: random.Next(2) == 0);
        return new Known(range, start + (owner is DevPagemap ? (ulong)random.Next(3) * 100 : 0), owner, inDevice ? storage : null, offset);
    }

    private static void Populate(FrameMap frames, List<Known> model, Known wanted, int step)
    {
        // A section belongs to one range alone; of one storage one at a time, here.
        Known[] inTheWay = [.. model.Where(each => First(each) <= Last(wanted) && First(wanted) <= Last(each))];
        if (inTheWay.Length > 0)
        {
            var thrown = Assert.Throws<RangeBusyException>(() => frames.Populate(wanted.Range, wanted.FirstUsable, wanted.Owner, wanted.Storage, wanted.Offset));
            Assert.Equal(wanted.Range, thrown.Requested);
            Assert.Contains(thrown.InTheWay, inTheWay.Select(static each => each.Range));
            return;
        }
        if (wanted.Storage is not null && model.Exists(static each => each.Storage is not null))
            wanted = wanted with { Storage = null, Offset = 0 };
        if (wanted.Storage is { } storage)
            new Span<byte>(storage.Address, (int)StorageBytes).Fill(0xA5); // As an earlier mapping has left it.
        frames.Populate(wanted.Range, wanted.FirstUsable, wanted.Owner, wanted.Storage, wanted.Offset);
        model.Add(wanted);
        if (wanted.Storage is { } filled)
        {
            Assert.False(frames.Find(wanted.Range.Start.Value) == null, $"Step {step}: there is no first frame.");
            long end = Math.Min(wanted.Offset + (long)(((Section - (wanted.Range.Start.Value % Section)) << PageFrame.FrameShift)), wanted.Offset + (long)(wanted.Range.Length << PageFrame.FrameShift));
            Assert.True(wanted.Offset == 0 || filled.Address[wanted.Offset - 1] == 0xA5, $"Step {step}: something was written before the frames.");
            Assert.Equal(0xA5, filled.Address[end]);
            PageFrame* first = (PageFrame*)(filled.Address + wanted.Offset);
            AssertFrame(wanted, first, wanted.Range.Start.Value, step);
        }

        static ulong First(Known each) => each.Range.Start.Value / Section;

        static ulong Last(Known each) => (each.Range.End.Value - 1) / Section;
    }

    // What a frame holds is set once; what is written to it afterwards stays, and not longer than its range.
    private static void AssertFrame(Known known, PageFrame* frame, ulong pfn, int step)
    {
        bool usable = pfn >= known.FirstUsable;
        var map = known.Owner as DevPagemap;
        PageFlags flags = (map is null ? PageFlags.None : map.InitialFlags) | (usable ? PageFlags.None : PageFlags.Reserved);
        var found = (frame->Count, (PageFlags)frame->Flags, frame->DriverData, frame->Lru);
        var expected = (usable && map is null ? 0L : 1L, flags, 0L, map is null ? 0 : PageFrame.ListPoison);
        if (found != expected)
            Assert.Fail($"Step {step}: frame {pfn} of {known.Range} has {found}, not {expected}.");
        Assert.Same(usable ? known.Owner : null, frame->Owner == 0 ? null : FrameOwner.FromWord(frame->Owner));
    }

    private static ulong[] Edges(Known known)
    {
        (ulong first, ulong end) = (known.Range.Start.Value, known.Range.End.Value);
        ulong border = ((first / Section) + 1) * Section;
        return [.. ((ulong[])[first, first + 1, known.FirstUsable - 1, known.FirstUsable, border - 1, border, end - 512, end - 1]).Where(pfn => pfn >= first && pfn < end)];
    }

    private static bool IsZero(PageFrame* frame) => new ReadOnlySpan<byte>(frame, 1 << PageFrame.FrameShift).IndexOfAnyExcept((byte)0) < 0;
}
