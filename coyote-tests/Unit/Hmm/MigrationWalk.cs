using Percpu.Pagemap;
using Percpu.Unit.Devices;
using Percpu.Unit.Support;

namespace Percpu.Unit.Hmm;

/// <summary>A random walk over accesses, pins and migrations of two areas, each done to an array of pages as well.</summary>
internal sealed class MigrationWalk : IDisposable
{
    private const ulong PageSize = 4096, Window = 16 * PageSize;
    private const int DevicePages = 512;

    private readonly TestMachine _machine = new();
    private readonly AddressSpace _space;
    private readonly HmmDevice _device;
    private readonly Random _random;
    private readonly MigratedPage[] _pages;
    private long _minor, _major, _published;
    private bool _hasZeros;

    internal MigrationWalk(int seed)
    {
        _machine.CheckAccess();
        _random = new Random(seed);
        _space = new AddressSpace(_machine.Table);
        _device = HmmDevice.Add(_machine.Device, DevicePages);
        // Neither begins nor ends where a fault brings others back as well, and the second is one such piece from the first.
        Area first = _space.MapAnonymous(603 * PageSize, address: (1UL << 30) - (300 * PageSize) + (5 * PageSize));
        Area second = _space.MapAnonymous(61 * PageSize, address: first.End + (3 * PageSize));
        _pages = [.. new[] { first, second }.SelectMany(static area => Enumerable.Range(0, (int)(area.Length / PageSize)).Select(i => new MigratedPage(area, area.Start + ((ulong)i * PageSize))))];
    }

    internal void Step(int number)
    {
        Action step = _random.Next(12) switch
        {
            0 or 1 => () => Access(write: false),
            2 or 3 or 4 => () => Access(write: true),
            5 or 6 => () => Migrate(toDevice: true),
            7 => () => Migrate(toDevice: false),
            8 => Hold,
            9 => Put,
            10 => Lock,
            _ => DiscardOrHint,
        };
        step();
        Check($"step {number} ({step.Method.Name})");
    }

    internal void End()
    {
        foreach (MigratedPage page in _pages)
        {
            page.Held.ForEach(static held => held.Put());
            if (page.IsLocked)
                PageOf(page).Unlock();
            page.Held.Clear();
            page.PageMarks &= ~PageFlags.Locked;
        }
        Check("all that was held was put");
        byte[] read = new byte[4096];
        foreach (MigratedPage page in _pages)
        {
            _space.Read(page.Address, read);
            Assert.Equal(page.Data, read);
        }
        Assert.Equal(0, _device.AllocatedPages);
        _space.Dispose();
        Assert.Equal(0, _machine.Space.AllocatedPages);
    }

    public void Dispose()
    {
        _machine.Dispose(_space);
        _machine.Dispose();
    }

    private void Access(bool write)
    {
        byte[] bytes = new byte[_random.Next(1, 9000)], expected = new byte[bytes.Length];
        _random.NextBytes(bytes);
        MigratedPage first = _pages[_random.Next(_pages.Length)];
        ulong address = first.Address + (ulong)_random.Next(4096);
        (AccessFault Fault, ulong Address)? fault = null;
        for (int done = 0; done < bytes.Length && fault is null;)
        {
            ulong at = address + (ulong)done;
            int within = (int)(at % PageSize), count = Math.Min(bytes.Length - done, 4096 - within);
            MigratedPage? page = Find(at);
            if (page is null)
                fault = (AccessFault.OutOfRange, at);
            else if (!TryTouch(page, write))
                fault = (AccessFault.DeviceFailed, at);
            else if (write)
                bytes.AsSpan(done, count).CopyTo(page.Data.AsSpan(within));
            else
                page.Data.AsSpan(within, count).CopyTo(expected.AsSpan(done));
            done += fault is null ? count : 0;
        }
        byte[] found = new byte[bytes.Length];
        var thrown = (AccessFaultException?)Caught.By(write ? () => _space.Write(address, bytes) : () => _space.Read(address, found));
        Assert.Equal(fault, thrown is null ? null : (thrown.Fault, thrown.Address));
        if (!write)
            Assert.Equal(expected, found);
    }

    private void Migrate(bool toDevice)
    {
        int first = _random.Next(_pages.Length), count = _random.Next(1, _random.Next(2) == 0 ? 20 : 400);
        ulong start = _pages[first].Address - (_random.Next(8) == 0 ? PageSize : 0), end = start + ((ulong)count * PageSize);
        MigratedPage[] inside = [.. _pages.Where(page => page.Address >= start && page.Address < end && page.At == (toDevice ? MigratedPage.Place.Ram : MigratedPage.Place.Device) && !(toDevice && page.IsHinted))];
        _published += inside.Length;
        MigratedPage[] free = [.. inside.Where(static page => page.Held.Count == 0 && !page.IsLocked)];
        if (toDevice)
            free = free[..Math.Min(free.Length, DevicePages - _pages.Count(static page => page.At == MigratedPage.Place.Device))];
        foreach (MigratedPage page in free)
            Move(page, toDevice);
        Assert.Equal(free.Length, toDevice ? _device.MigrateToDevice(_space, start, (ulong)count) : _device.MigrateToHost(_space, start, (ulong)count));
    }

    // By a pin, or as a driver does it.
    private void Hold()
    {
        MigratedPage page = _pages[_random.Next(_pages.Length)];
        if (page.At == MigratedPage.Place.Device && _random.Next(2) == 0)
        {
            PageOf(page).Get();
            page.Held.Add(PageOf(page));
            return;
        }
        bool write = _random.Next(2) == 0, found = TryTouch(page, write);
        var pinned = new Page[1];
        Exception? thrown = Caught.By(() => Assert.Equal(1, _space.GetUserPages(page.Address, pinned, GupFlags.Get | GupFlags.Touch | (write ? GupFlags.Write : GupFlags.None))));
        Assert.Equal(found ? null : AccessFault.DeviceFailed, (thrown as AccessFaultException)?.Fault);
        if (!found)
            return;
        Assert.Equal(PageOf(page), pinned[0]);
        if (page.At == MigratedPage.Place.Ram)
            page.Held.Add(pinned[0]);
        else
            pinned[0].Put();
    }

    private void Put()
    {
        MigratedPage[] held = [.. _pages.Where(static page => page.Held.Count > 0)];
        if (held.Length == 0)
            return;
        MigratedPage page = held[_random.Next(held.Length)];
        page.Held[^1].Put();
        page.Held.RemoveAt(page.Held.Count - 1);
    }

    private void Lock()
    {
        MigratedPage page = _pages[_random.Next(_pages.Length)];
        if (page.At != MigratedPage.Place.Ram)
            return;
        if (page.IsLocked)
            PageOf(page).Unlock();
        else
            Assert.True(PageOf(page).TryLock());
        page.PageMarks ^= PageFlags.Locked;
    }

    private void DiscardOrHint()
    {
        MigratedPage first = _pages[_random.Next(_pages.Length)];
        ulong end = first.Address + ((ulong)_random.Next(1, 30) * PageSize);
        MigratedPage[] inside = [.. _pages.Where(page => page.Address >= first.Address && page.Address < end)];
        if (_random.Next(2) == 0)
        {
            MigratedPage[] present = [.. inside.Where(static page => page.At is MigratedPage.Place.Ram or MigratedPage.Place.Zeros)];
            Assert.Equal(present.Length, _space.MarkNumaHints(first.Address, end - first.Address));
            Array.ForEach(present, static page => page.Marks |= PageTableEntry.ProtNoneBit);
            return;
        }
        if (Array.Exists(inside, static page => page.Held.Count > 0 || page.IsLocked))
            return; // What is held lives on without an entry: elsewhere.
        _space.Discard(first.Address, end - first.Address);
        foreach (MigratedPage page in inside)
        {
            (page.At, page.Marks, page.PageMarks) = (MigratedPage.Place.Nowhere, 0, PageFlags.None);
            page.Data.AsSpan().Clear();
        }
    }

    // What an access does before it finds the page; false if that cannot come back.
    private bool TryTouch(MigratedPage page, bool write)
    {
        if (page.At == MigratedPage.Place.Device && !TryBringBack(page))
            return false;
        if (page.IsHinted)
        {
            page.Marks &= ~PageTableEntry.ProtNoneBit;
            _minor++;
        }
        if (page.At == MigratedPage.Place.Nowhere || (write && page.At == MigratedPage.Place.Zeros))
        {
            page.At = write ? MigratedPage.Place.Ram : MigratedPage.Place.Zeros;
            page.Marks = 0;
            _hasZeros |= !write;
            _minor++;
        }
        page.Marks |= PageTableEntry.AccessedBit | (write ? PageTableEntry.DirtyBit : 0);
        if (page.At == MigratedPage.Place.Ram)
            page.PageMarks |= PageFlags.Accessed | (write ? PageFlags.Dirty : PageFlags.None);
        return true;
    }

    private bool TryBringBack(MigratedPage page)
    {
        ulong from = page.Address & ~(Window - 1);
        foreach (MigratedPage each in _pages.Where(each => each.Area == page.Area && each.Address - from < Window && each.At == MigratedPage.Place.Device))
        {
            _published++;
            if (each.Held.Count == 0)
                Move(each, toDevice: false);
        }
        _major += page.At == MigratedPage.Place.Ram ? 1 : 0;
        return page.At == MigratedPage.Place.Ram;
    }

    private static void Move(MigratedPage page, bool toDevice) =>
        (page.At, page.PageMarks) = (toDevice ? MigratedPage.Place.Device : MigratedPage.Place.Ram, PageFlags.None);

    private MigratedPage? Find(ulong address) => Array.Find(_pages, page => address - page.Address < PageSize);

    private Page PageOf(MigratedPage page) => _machine.Space.PfnToPage(_space.Lookup(page.Address).Pfn);

    private void Check(string after)
    {
        foreach (MigratedPage page in _pages)
        {
            PageTableEntry entry = _space.Lookup(page.Address);
            if ((entry.Value & PageTableEntry.FlagsMask) != page.Bits)
                Assert.Fail($"After {after} the entry of 0x{page.Address:x} is 0x{entry.Value:x}, its bits not 0x{page.Bits:x}.");
            if (page.At < MigratedPage.Place.Ram)
                continue;
            bool isDevice = page.At == MigratedPage.Place.Device;
            (long, PageFlags) expected = ((isDevice ? 2 : 1) + page.Held.Count, isDevice ? PageFlags.Device | PageFlags.Unaddressable : page.PageMarks);
            if ((PageOf(page).Count, PageOf(page).Flags) != expected)
                Assert.Fail($"After {after} the page of 0x{page.Address:x} has {(PageOf(page).Count, PageOf(page).Flags)}, not {expected}.");
        }
        Assert.Equal((_minor, _major, _published), (_space.MinorFaults, _space.MajorFaults, _space.PublishedEntries));
        Assert.Equal(_pages.Count(static page => page.At == MigratedPage.Place.Device), _device.AllocatedPages);
        Assert.Equal(_pages.Count(static page => page.At == MigratedPage.Place.Ram) + (_hasZeros ? 1 : 0), _machine.Space.AllocatedPages);
    }
}
