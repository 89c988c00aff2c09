using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>A random walk over the calls of an address space, each done to a <see cref="SpaceModel"/> as well.</summary>
internal sealed class SpaceWalk : IDisposable
{
    private const ulong PageSize = GupMachine.PageSize, WindowSize = SpaceComparison.WindowPages * PageSize;
    private const ulong DiskPages = 3000;

    private readonly GupMachine _machine;
    private readonly AddressSpace _memory;
    private readonly SpaceModel _model;
    private readonly SpaceComparison _comparison;
    private readonly bool _diskHasPages;
    private readonly Random _random;
    private readonly List<(Page[] Pages, ModelFrame?[] Frames)> _pins = [];

    internal SpaceWalk(bool diskHasPages, int seed)
    {
        _machine = new GupMachine(diskHasPages);
        _memory = _machine.Memory;
        _model = new SpaceModel(diskHasPages);
        _comparison = new SpaceComparison(_machine, _model, diskHasPages, DiskPages);
        _diskHasPages = diskHasPages;
        _random = new Random(seed);
    }

    internal void Step(int number)
    {
        int kind = _random.Next(16);
        Action step = _model.Areas.Count < 3 || kind == 0 ? Map : kind switch
        {
            1 => Unmap,
            2 or 3 => Discard,
            4 or 5 => Read,
            6 or 7 => Write,
            8 or 9 => () => Pin(number),
            10 or 11 => () => Get(fast: false),
            12 => () => Get(fast: true),
            13 => Put,
            14 => MarkHints,
            _ => Insert,
        };
        if (_model.Ram.Count > 1200)
            step = DiscardAll; // There is no more RAM than that.
        step();
        _comparison.Check($"step {number} ({step.Method.Name})");
    }

    internal void End()
    {
        _comparison.CheckData();
        while (_pins.Count > 0)
            Put();
        _comparison.Check("all pins were put");
        if (_random.Next(2) == 0)
            DiscardAll();
        if (_random.Next(2) == 0)
        {
            _machine.Device.Unbind();
            foreach (Area area in _model.Areas.Where(static area => area.Kind == AreaKind.Dax))
                _model.Discard(area.Start, area.End);
            _comparison.CheckEntries("the disk is gone");
            Assert.Empty(SpaceComparison.Mappings(_machine.Disk));
            _memory.Dispose();
            Assert.Equal(0, _machine.Space.AllocatedPages);
            return;
        }
        _memory.Dispose();
        Assert.Empty(SpaceComparison.Mappings(_machine.Disk));
        Assert.Equal((0L, 1L), (_machine.Space.AllocatedPages, _machine.Disk.Queue.Usage.ApproximateCount));
    }

    public void Dispose() => _machine.Dispose();

    private void Map()
    {
        ulong window = SpaceComparison.Windows[_random.Next(2)];
        // Often at a multiple of 2 MiB or a page beside it.
        ulong page = (ulong)(_random.Next(2) == 0 ? _random.Next(1700) : Math.Max(0, (_random.Next(4) * 512) + (window == 0 ? 0 : 338) + _random.Next(-1, 2)) % 1700);
        ulong pages = (ulong)_random.Next(1, _random.Next(3) switch { 0 => 20, 1 => 530, _ => 1700 });
        ulong start = window + (page * PageSize), length = Math.Min(pages * PageSize, window + WindowSize - start);
        var access = (AreaAccess)(_random.Next(3) > 0 ? 3 : _random.Next(4));
        int kind = _random.Next(6);
        ulong offset = _random.Next(3) == 0 ? (ulong)_random.Next(1000) : (start / PageSize % 512) + (512 * (ulong)_random.Next(2));
        Area MapIt() => kind switch
        {
            0 or 1 => _memory.MapAnonymous(length, access, start),
            2 => _memory.MapMixed(length, access, start),
            _ => _memory.MapDax(_machine.Disk, (long)(offset * PageSize), length, access, start),
        };
        if (_model.Areas.Exists(each => each.Start < start + length && start < each.End))
        {
            Assert.Throws<RangeBusyException>(MapIt);
            return;
        }
        Area area = MapIt();
        Assert.Equal((start, length, access), (area.Start, area.Length, area.Access));
        _model.Areas.Add(area);
    }

    private void Unmap()
    {
        Area area = _model.Areas[_random.Next(_model.Areas.Count)];
        SpaceExpectations.CheckExpected(_memory, _model, area.Start, area.End);
        _memory.Unmap(area);
        _model.Areas.Remove(area);
        _model.Discard(area.Start, area.End);
    }

    private void Discard()
    {
        (ulong start, ulong end) = Range();
        SpaceExpectations.CheckExpected(_memory, _model, start, end);
        _memory.Discard(start, end - start);
        _model.Discard(start, end);
    }

    private void DiscardAll()
    {
        foreach (ulong window in SpaceComparison.Windows)
        {
            _memory.Discard(window, WindowSize);
            _model.Discard(window, window + WindowSize);
        }
    }

    private void MarkHints()
    {
        (ulong start, ulong end) = Range();
        Assert.Equal(_model.MarkHints(start, end), _memory.MarkNumaHints(start, end - start));
    }

    private void Read()
    {
        byte[] found = new byte[_random.Next(1, 9000)], expected = new byte[found.Length];
        ulong address = Address(anyByte: true);
        SpaceModelAccess.Run(_model, address, expected, write: false, out (AccessFault Fault, ulong Address)? fault);
        AssertFault(fault, () => _memory.Read(address, found));
        Assert.True(found.AsSpan().SequenceEqual(expected), "Other bytes were read.");
    }

    private void Write()
    {
        byte[] bytes = new byte[_random.Next(1, 9000)];
        _random.NextBytes(bytes);
        ulong address = Address(anyByte: true);
        SpaceModelAccess.Run(_model, address, bytes, write: true, out (AccessFault Fault, ulong Address)? fault);
        AssertFault(fault, () => _memory.Write(address, bytes));
    }

    private void Get(bool fast)
    {
        var pages = new Page[Count()];
        GupFlags flags = Flags();
        ulong address = Address(anyByte: true), first = address & ~(PageSize - 1);
        SpaceExpectations.CheckWalks(_memory, _model, first, pages, flags);
        if (!TryFollowAll(first, pages.Length, flags | (fast ? GupFlags.Get : GupFlags.None), out ModelFrame?[] frames, out AccessFault? fault))
        {
            Assert.Throws<NotSupportedException>(() => _machine.Gup(address, pages, flags, fast));
            return;
        }
        int found = 0;
        AssertFault(frames.Length == 0 ? (fault!.Value, address) : null, () => found = _machine.Gup(address, pages, flags, fast));
        Assert.Equal(frames.Length, found);
        AssertPages(first, pages, frames);
        if (((fast ? GupFlags.Get : GupFlags.None) | (flags & GupFlags.Get)) != 0 && found > 0)
            _pins.Add((pages[..found], frames));
    }

    // Pinned and put at once, and looked at between.
    private void Pin(int number)
    {
        var pages = new Page[Count()];
        GupFlags flags = Flags();
        ulong address = Address(anyByte: true), first = address & ~(PageSize - 1);
        if (!TryFollowAll(first, pages.Length, flags | GupFlags.Get, out ModelFrame?[] frames, out AccessFault? fault))
        {
            Assert.Throws<NotSupportedException>(() => _memory.PinUserPages(address, pages, flags).Dispose());
            return;
        }
        if (frames.Length < pages.Length)
        {
            AssertFault((fault!.Value, first + ((ulong)frames.Length * PageSize)), () => _memory.PinUserPages(address, pages, flags).Dispose());
        }
        else
        {
            using PinnedPages pinned = _memory.PinUserPages(address, pages, flags);
            AssertPages(first, pages, frames);
            Assert.True(pinned.Pages == pages);
            _comparison.Check($"the pin of step {number}");
        }
        foreach (ModelFrame? frame in frames)
            _model.Release(frame!);
    }

    private void Put()
    {
        if (_pins.Count == 0)
            return;
        int index = _random.Next(_pins.Count);
        (Page[] pages, ModelFrame?[] frames) = _pins[index];
        _pins.RemoveAt(index);
        AddressSpace.PutPages(pages);
        foreach (ModelFrame? frame in frames)
            _model.Release(frame!);
    }

    private void Insert()
    {
        if (_model.Areas.Find(each => each.Kind == AreaKind.Mixed) is not { } area)
            return;
        ulong address = area.Start + ((ulong)_random.NextInt64((long)(area.Length / PageSize)) * PageSize);
        int kind = _random.Next(3);
        Page ram = kind == 0 ? _machine.Space.AllocatePage() : default;
        Pfn pfn = kind == 0 ? _machine.Space.PageToPfn(ram) : kind == 1 ? new Pfn((ulong)_random.NextInt64(1, 1L << 52)) : new Pfn(GupMachine.First.Value + (ulong)_random.Next(2000));
        ModelFrame? frame = kind == 0 ? new ModelFrame(pfn, isDevice: false) : null;
        PfnFlags flags = kind switch { 0 => PfnFlags.None, 1 => PfnFlags.Device, _ => PfnFlags.Device | PfnFlags.Mapped };
        if (_model.TryInsert(area, address, frame, pfn, kind switch { 0 => 0, 1 => PageTableEntry.SpecialBit, _ => PageTableEntry.DevmapBit }))
        {
            _memory.InsertPfn(area, address, pfn, flags);
            if (frame is not null)
                _model.Ram.Add(frame);
        }
        else
        {
            Assert.Throws<RangeBusyException>(() => _memory.InsertPfn(area, address, pfn, flags));
        }
        if (kind == 0)
            ram.Put();
    }

    // False if a page may not be pinned for ever: then none is.
    private bool TryFollowAll(ulong address, int count, GupFlags flags, out ModelFrame?[] frames, out AccessFault? fault)
    {
        var found = new List<ModelFrame?>();
        bool refused = false;
        for (fault = null; found.Count < count && !refused; address += PageSize)
        {
            refused = (flags & GupFlags.LongTerm) != 0 && _model.Find(address) is { Kind: AreaKind.Dax };
            if (refused || (fault = _model.Follow(address, flags, out ModelFrame? frame)) is not null)
                break;
            found.Add(frame);
        }
        if (refused && (flags & GupFlags.Get) != 0)
            found.ForEach(frame => _model.Release(frame!));
        frames = [.. found];
        return !refused;
    }

    private void AssertPages(ulong first, Page[] pages, ModelFrame?[] frames)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            if (frames[i] is { Pfn: null } fresh)
                fresh.Pfn = _memory.Lookup(first + ((ulong)i * PageSize)).Pfn;
            Pfn? found = pages[i].IsNull ? null : _machine.Space.PageToPfn(pages[i]);
            if (found != frames[i]?.Pfn)
                Assert.Fail($"Page {i} is {found}, not {frames[i]?.Pfn}.");
        }
    }

    private static void AssertFault((AccessFault Fault, ulong Address)? expected, Action call)
    {
        var thrown = (AccessFaultException?)Caught.By(call);
        Assert.Equal(expected, thrown is null ? null : (thrown.Fault, thrown.Address));
    }

    private int Count() => _random.Next(4) == 0 ? 1 : _random.Next(1, _random.Next(2) == 0 ? 8 : 600);

    // Each flag now and then; most walks ask for what they get.
    private GupFlags Flags() =>
        (GupFlags)(_random.Next(16) & 7) | (_random.Next(6) == 0 ? GupFlags.Dump : 0) | (_random.Next(4) == 0 ? GupFlags.Force : 0) | (_random.Next(8) == 0 ? GupFlags.LongTerm : 0);

    private ulong Address(bool anyByte)
    {
        Area area = _model.Areas[_random.Next(_model.Areas.Count)];
        long page = _random.Next(5) switch { 0 => 0, 1 => (long)(area.Length / PageSize) - 1, _ => _random.NextInt64((long)(area.Length / PageSize)) };
        ulong address = area.Start + ((ulong)page * PageSize) + (anyByte ? (ulong)_random.Next((int)PageSize) : 0);
        return _random.Next(20) == 0 ? area.End : address;
    }

    private (ulong Start, ulong End) Range()
    {
        ulong start = Address(anyByte: false), window = start < WindowSize ? 0 : SpaceComparison.Windows[1];
        ulong length = (ulong)_random.Next(0, _random.Next(2) == 0 ? 6 : 1300) * PageSize;
        return (start, Math.Max(start, Math.Min(start + length, window + WindowSize)));
    }
}
