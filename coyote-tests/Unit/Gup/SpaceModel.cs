using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>What an address space shows, said in the simplest way: dictionaries of entries, without tables, references, locks or walks
/// that differ by flags.</summary>
internal sealed class SpaceModel(bool diskHasPages)
{
    private const ulong PageSize = GupMachine.PageSize, LargeSize = GupMachine.LargeSize;
    private const long Marks = PageTableEntry.AccessedBit | PageTableEntry.DirtyBit;

    private readonly Dictionary<ulong, (ModelFrame? Frame, Pfn Pfn, long Bits)> _small = [];
    private readonly Dictionary<ulong, (Pfn Pfn, long Bits)> _large = [];
    private readonly HashSet<ulong> _tables = []; // Of which addresses there are tables for entries of one page.
    private readonly Dictionary<ulong, ModelFrame> _device = [];

    internal List<Area> Areas { get; } = [];

    /// <summary>Pages of RAM that somebody holds.</summary>
    internal HashSet<ModelFrame> Ram { get; } = [];

    internal ModelFrame? Zeros { get; private set; }

    internal long Faults { get; private set; }

    internal long DevicePins { get; private set; }

    internal Area? Find(ulong address) => Areas.Find(each => address >= each.Start && address < each.End);

    internal ModelFrame Device(Pfn pfn)
    {
        if (!_device.TryGetValue(pfn.Value, out ModelFrame? frame))
            _device.Add(pfn.Value, frame = new ModelFrame(pfn, isDevice: true));
        return frame;
    }

    internal PageFlags MarksOfDevice(ulong page) => _device.GetValueOrDefault(GupMachine.First.Value + page)?.Marks ?? PageFlags.None;

    internal bool HasTable(ulong address) => _tables.Contains(address & ~(LargeSize - 1));

    /// <summary>How many entries of a range hold a page, and how many tables serve addresses of it alone.</summary>
    internal (int Entries, int Tables) HeldIn(ulong start, ulong end) => (
        _small.Count(each => each.Key >= start && each.Key < end && each.Value.Frame is not null && (each.Value.Bits & PageTableEntry.SpecialBit) == 0),
        _tables.Count(key => key >= start && key + LargeSize <= end));

    /// <summary>The entry that leads to an address: its frame, if it is one of RAM, the number else, and the bits.</summary>
    internal (ModelFrame? Frame, Pfn Pfn, long Bits) At(ulong address)
    {
        if (_large.TryGetValue(address & ~(LargeSize - 1), out (Pfn Pfn, long Bits) large))
            return (null, large.Pfn, large.Bits);
        return _small.GetValueOrDefault(address & ~(PageSize - 1));
    }

    /// <summary>Forgets the entries of a range; a large one that is not wholly inside becomes single ones first.</summary>
    internal void Discard(ulong start, ulong end)
    {
        foreach (ulong key in _large.Keys.Where(key => key < end && start < key + LargeSize).ToArray())
        {
            _large.Remove(key, out (Pfn Pfn, long Bits) large);
            if (key >= start && key + LargeSize <= end)
                continue;
            _tables.Add(key);
            for (ulong i = 0; i < 512; i++)
                _small.Add(key + (i * PageSize), (null, new Pfn(large.Pfn.Value + i), large.Bits & ~PageTableEntry.LargeBit));
        }
        foreach (ulong key in _small.Keys.Where(key => key >= start && key < end).ToArray())
        {
            _small.Remove(key, out (ModelFrame? Frame, Pfn Pfn, long Bits) entry);
            if (entry.Frame is { } frame && (entry.Bits & PageTableEntry.SpecialBit) == 0)
                Release(frame);
        }
        _tables.RemoveWhere(key => key >= start && key + LargeSize <= end);
    }

    /// <summary>False where something is mapped. The entry of a page of RAM holds it.</summary>
    internal bool TryInsert(Area area, ulong address, ModelFrame? ram, Pfn pfn, long kind)
    {
        _tables.Add(address & ~(LargeSize - 1));
        if (!_small.TryAdd(address, (ram, pfn, BitsOf(area) | kind)))
            return false;
        if (ram is not null)
            ram.Holders++;
        return true;
    }

    internal long MarkHints(ulong start, ulong end)
    {
        ulong[] large = [.. _large.Keys.Where(key => key < end && start < key + LargeSize)], small = [.. _small.Keys.Where(key => key >= start && key < end)];
        foreach (ulong key in large)
            _large[key] = (_large[key].Pfn, _large[key].Bits | PageTableEntry.ProtNoneBit);
        foreach (ulong key in small)
            Change(key, PageTableEntry.ProtNoneBit, 0);
        return large.Length + small.Length;
    }

    /// <summary>Looks a page up as a walk of one page does, with all faults on the way.</summary>
    /// <param name="address">The first byte of it.</param>
    /// <param name="flags">How.</param>
    /// <param name="found">The page; null where none is handed out.</param>
    /// <returns>Why not, or null.</returns>
    internal AccessFault? Follow(ulong address, GupFlags flags, out ModelFrame? found)
    {
        found = null;
        if (Find(address) is not { } area)
            return AccessFault.OutOfRange;
        bool write = (flags & GupFlags.Write) != 0, force = (flags & GupFlags.Force) != 0, pins = (flags & GupFlags.Get) != 0;
        bool mayRead = (area.Access & AreaAccess.Read) != 0, mayWrite = (area.Access & AreaAccess.Write) != 0;
        if (write ? !mayWrite && !(force && area.Kind == AreaKind.Anonymous) : !mayRead && !force)
            return write && mayRead ? AccessFault.ReadOnly : AccessFault.NoAccess;
        while (!Allows(At(address).Bits, write, force, mayRead, mayWrite))
        {
            if (!TryFault(area, address, write))
                return AccessFault.NotPresent;
        }
        (ModelFrame? ram, Pfn pfn, long bits) = At(address);
        if ((bits & PageTableEntry.DevmapBit) != 0)
        {
            if (pins && !diskHasPages)
                return AccessFault.NotPresent;
            found = pins ? Device(PfnAt(address)) : null;
        }
        else if ((bits & PageTableEntry.SpecialBit) != 0 && ((flags & GupFlags.Dump) != 0 || (ram is null && pins)))
        {
            return AccessFault.Special;
        }
        else
        {
            found = ram;
        }
        if (pins)
            Hold(found!);
        if ((flags & GupFlags.Touch) != 0)
        {
            Change(address, PageTableEntry.AccessedBit | (write ? PageTableEntry.DirtyBit : 0), 0);
            if (found is not null)
                found.Marks |= PageFlags.Accessed | (write ? PageFlags.Dirty : PageFlags.None);
        }
        return null;
    }

    /// <summary>How many pages a walk without faults takes, and whether one of a single page takes the first.</summary>
    internal (int Found, bool One) TakenAtOnce(ulong address, int count, GupFlags flags)
    {
        long wanted = PageTableEntry.PresentBit | ((flags & GupFlags.Write) != 0 ? PageTableEntry.WritableBit : 0);
        long refused = PageTableEntry.SpecialBit | ((flags & GupFlags.Force) != 0 ? 0 : PageTableEntry.ProtNoneBit)
            | ((flags & GupFlags.LongTerm) != 0 ? PageTableEntry.DevmapBit : 0);
        int found = 0;
        for (; found < count; found++)
        {
            ulong at = address + ((ulong)found * PageSize);
            long bits = At(at).Bits;
            if ((bits & wanted) != wanted || (bits & refused) != 0)
                break;
            if ((bits & PageTableEntry.DevmapBit) != 0 && !diskHasPages)
            {
                found = Math.Max(0, found - (int)(at / PageSize % 512)); // What was taken of the same table is put again.
                break;
            }
        }
        return (found, found > 0 && (At(address).Bits & PageTableEntry.DevmapBit) != 0);
    }

    /// <summary>The frame at an address that has an entry.</summary>
    internal Pfn PfnAt(ulong address)
    {
        (_, Pfn pfn, long bits) = At(address);
        return new Pfn(pfn.Value + ((bits & PageTableEntry.LargeBit) != 0 ? (address >> Pfn.PageShift) & 511 : 0));
    }

    internal void Hold(ModelFrame frame)
    {
        frame.Holders++;
        if (frame.IsDevice)
            DevicePins++;
        else
            Ram.Add(frame);
    }

    internal void Release(ModelFrame frame)
    {
        if (frame.IsDevice)
            DevicePins--;
        if (--frame.Holders == 0)
            Ram.Remove(frame);
    }

    private static bool Allows(long bits, bool write, bool force, bool mayRead, bool mayWrite)
    {
        if ((bits & PageTableEntry.PresentBit) == 0 || ((bits & PageTableEntry.ProtNoneBit) != 0 && !force && mayRead))
            return false;
        return !write || (bits & PageTableEntry.WritableBit) != 0 || (!mayWrite && (bits & (PageTableEntry.SpecialBit | PageTableEntry.DevmapBit)) == 0);
    }

    private bool TryFault(Area area, ulong address, bool write)
    {
        long bits = At(address).Bits;
        if (bits != 0 && (bits & PageTableEntry.ProtNoneBit) != 0 && (area.Access & AreaAccess.Read) != 0)
        {
            Change(address, 0, PageTableEntry.ProtNoneBit);
        }
        else if (area.Kind == AreaKind.Mixed)
        {
            return false;
        }
        else if (area.Kind == AreaKind.Dax)
        {
            FaultDisk(area, address, write);
        }
        else
        {
            ModelFrame frame = write || Zeros is null ? new ModelFrame(null, isDevice: false) : Zeros;
            if (write || Zeros is null)
                Hold(frame);
            if (!write)
                Zeros = frame;
            _small[address] = (frame, default, write ? BitsOf(area) : (BitsOf(area) & ~PageTableEntry.WritableBit) | PageTableEntry.SpecialBit);
            _tables.Add(address & ~(LargeSize - 1));
        }
        Faults++;
        return true;
    }

    private void FaultDisk(Area area, ulong address, bool write)
    {
        long right = write ? PageTableEntry.WritableBit : 0;
        if (At(address).Bits != 0)
        {
            Change(address, right, 0);
            return;
        }
        long bits = (BitsOf(area) & ~PageTableEntry.WritableBit) | right | (diskHasPages ? PageTableEntry.DevmapBit : PageTableEntry.SpecialBit);
        ulong large = address & ~(LargeSize - 1), first = GupMachine.First.Value + ((ulong)area.DiskOffset / PageSize);
        bool fits = large >= area.Start && area.End - large >= LargeSize && (first + ((large - area.Start) / PageSize)) % 512 == 0;
        if (fits && !_tables.Contains(large))
        {
            _large.Add(large, (new Pfn(first + ((large - area.Start) / PageSize)), bits | PageTableEntry.LargeBit));
            return;
        }
        _tables.Add(large);
        _small.Add(address, (null, new Pfn(first + ((address - area.Start) / PageSize)), bits));
    }

    private void Change(ulong address, long set, long clear)
    {
        ulong large = address & ~(LargeSize - 1);
        if (_large.TryGetValue(large, out (Pfn Pfn, long Bits) entry))
            _large[large] = (entry.Pfn, (entry.Bits | set) & ~clear);
        else if (_small.TryGetValue(address, out (ModelFrame? Frame, Pfn Pfn, long Bits) single))
            _small[address] = (single.Frame, single.Pfn, (single.Bits | set) & ~clear);
    }

    private static long BitsOf(Area area) =>
        PageTableEntry.PresentBit | ((area.Access & AreaAccess.Read) != 0 ? 0 : PageTableEntry.ProtNoneBit)
        | ((area.Access & AreaAccess.Write) != 0 ? PageTableEntry.WritableBit : 0);
}
