using System.Text;
using Percpu.Memory;

namespace Percpu.Pagemap;

// Creating and deleting namespaces.
public sealed unsafe partial class LabelArea
{
    /// <summary>What sizes and addresses of new namespaces are multiples of: 16 MiB. Kernel: <c>align</c> of a region.</summary>
    public const long Alignment = 16L << 20;

    private readonly Pinned<long> _lock = new();

    /// <summary>Creates a namespace in the first free space that is large enough, formats it, and adds its label.</summary>
    /// <param name="size">A multiple of <see cref="Alignment"/>.</param>
    /// <param name="mode">What it holds.</param>
    /// <param name="name">At most 63 bytes of UTF-8; may be empty. Not the name of another.</param>
    /// <param name="sectorSize">As for <see cref="PmemNamespace.Format"/>.</param>
    /// <param name="frames">As for <see cref="PmemNamespace.Format"/>.</param>
    /// <param name="setCookie">What a machine knows its set of DIMMs by (<c>set_cookie</c> of a region in sysfs), so that its kernel
    /// takes the label; 0 for that of the labels that are there.</param>
    /// <exception cref="ArgumentException">The mode, size, sector size, place of frames or name is not possible.</exception>
    /// <exception cref="InvalidOperationException">No free space or free slot is left.</exception>
    /// <exception cref="InfoBlockException">In the free space stands an info block, or the copy of one, that no deleted namespace of
    /// this area left there. Nothing was written.</exception>
    /// <exception cref="RangeBusyException">A driver has claimed the range.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="IOException">The medium failed or is full.</exception>
    /// <remarks>The label is written to a free slot, then the index block that says so. <c>ndctl create-namespace</c>.</remarks>
    public PmemNamespace Create(
        long size, NamespaceMode mode, string name = "", int sectorSize = 4096, FrameLocation frames = FrameLocation.Medium, ulong setCookie = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (mode != NamespaceMode.Raw)
            PmemNamespace.CheckFormat(mode, sectorSize, frames);
        if (size <= 0 || size % Alignment != 0)
            throw new ArgumentException($"A namespace has a multiple of {Alignment} bytes, not {size}.", nameof(size));
        if (Encoding.UTF8.GetByteCount(name) >= NamespaceLabel.NameLength || name.Contains('\0'))
            throw new ArgumentException($"A name has at most {NamespaceLabel.NameLength - 1} bytes, none of them 0.", nameof(name));
        return Changing(medium =>
        {
            if (name.Length > 0 && _labels.Exists(each => each.Name == name))
                throw new ArgumentException($"Another namespace is called '{name}'.", nameof(name));
            long at = FindSpace(size);
            uint slot = FindSlot();
            var label = new NamespaceLabel
            {
                Uuid = Guid.NewGuid(), Name = name, Slot = slot, Address = (ulong)at, Size = (ulong)size,
                SetCookie = setCookie != 0 ? setCookie : _labels.Count > 0 ? _labels[0].SetCookie : 0,
                SectorSize = mode == NamespaceMode.Btt ? (ulong)sectorSize : 512,
                Abstraction = _index.Minor == 2 ? NamespaceLabel.ClaimOf(mode) : Guid.Empty,
            };
            PmemNamespace created = Of(label);
            List<PmemNamespace> all = [.. _namespaces, created];
            all.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
            using var claim = new Claim(Region, at, size);
            var space = new MediumWindow(medium, at, size);
            Clear(space);
            // Whatever is made there belongs to nobody before the index says so.
            if (mode != NamespaceMode.Raw)
                PmemNamespace.FormatBlank(space, mode, sectorSize, frames, created.Identity);
            Span<byte> bytes = stackalloc byte[_index.LabelSize];
            label.Write(bytes, _index.Minor);
            IByteMedium area = Window(medium);
            BttFormat.Put(area, _index.LabelAt(slot), bytes);
            _index.SetFree(slot, false);
            _index.WriteNext(area, _otherIndex);
            ReadAgain(area, all);
            return created;
        });
    }

    /// <summary>Deletes a namespace: its label, its info blocks and their copies. Its data stay, and belong to nobody.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="space"/> is null.</exception>
    /// <exception cref="ArgumentException">It is none of this area.</exception>
    /// <exception cref="RangeBusyException">A driver has claimed the range.</exception>
    /// <exception cref="UnauthorizedAccessException">The medium is read-only.</exception>
    /// <exception cref="IOException">The medium failed or is full.</exception>
    /// <remarks>The index block comes first, so that a namespace is whole as long as it is in the list.
    /// <c>ndctl destroy-namespace</c>.</remarks>
    public void Delete(PmemNamespace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        Changing(medium =>
        {
            NamespaceLabel label = _labels.Find(each => each.Uuid == space.Uuid && (long)each.Address == space.Offset)
                ?? throw new ArgumentException($"'{space.Name}' ({space.Uuid}) is no namespace of this area.", nameof(space));
            using var claim = new Claim(Region, space.Offset, space.Length);
            IByteMedium area = Window(medium);
            // All that needs memory first: from the index block on the namespace is gone.
            var window = new MediumWindow(medium, space.Offset, space.Length);
            List<long> places = ToWipe(window, label.Uuid);
            List<PmemNamespace> others = _namespaces.FindAll(each => each.Uuid != label.Uuid);
            _index.SetFree(label.Slot, true);
            _index.WriteNext(area, _otherIndex);
            ReadAgain(area, others);
            Wipe(window, places);
            return space;
        });
    }

    private T Changing<T>(Func<IByteMedium, T> action)
    {
        using var claim = new Claim(Region, _start, Size);
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        return Mapped(Region, medium =>
        {
            medium.Prepare(_start, Size);
            Read(Window(medium)); // Another object may have changed it since.
            return action(medium);
        });
    }

    private readonly struct Claim : IDisposable
    {
        private readonly PhysicalRegion _region;
        private readonly long _start;

        internal Claim(PhysicalRegion region, long start, long length)
        {
            if (!region.TryClaim(start, length))
                throw new RangeBusyException($"{length} bytes at {start} of '{region.Name}' are claimed by a driver.");
            _region = region;
            _start = start;
        }

        public void Dispose() => _region.Unclaim(_start);
    }

    private long FindSpace(long size)
    {
        long at = 0;
        foreach (NamespaceLabel label in _labels)
        {
            if ((long)label.Address - at >= size)
                break;
            at = Math.Max(at, ((long)(label.Address + label.Size) + Alignment - 1) / Alignment * Alignment);
        }
        // A label that does not count may still mean something to somebody.
        if (_faults.Exists(each => each.Offset >= _start + 2 * _index.Size))
            throw new InvalidOperationException($"A label of '{Region.Name}' is damaged or of a kind that is not known: which space is free cannot be told.");
        return size <= _start - at ? at : throw new InvalidOperationException($"'{Region.Name}' has no free space of {size} bytes: {_start - at} are left.");
    }

    private uint FindSlot()
    {
        for (uint slot = 0; slot < _index.Slots; slot++)
        {
            if (_index.IsFree(slot))
                return slot;
        }
        throw new InvalidOperationException($"All {_index.Slots} labels of '{Region.Name}' are taken.");
    }

    /// <summary>Makes free space blank. What a deleted namespace left there goes; anything else with a signature is refused.</summary>
    private void Clear(MediumWindow space)
    {
        Span<byte> block = stackalloc byte[2 * InfoSignature.BlockSize];
        space.Read(0, block);
        foreach ((int at, Guid parent) in Found(space))
        {
            if (parent == Guid.Empty || _labels.Exists(each => each.Uuid == parent))
                throw new InfoBlockException($"In the free space stands an info block at {at} that no deleted namespace left: its parent is {parent}.", InfoBlockFault.Unexpected);
        }
        if (LegacyInfoBlock.Read(block[InfoSignature.BlockSize..], space.Length) is not null || PoolHeader.Read(block) is not null)
            throw new InfoBlockException("In the free space stands a namespace without label.", InfoBlockFault.Unexpected);
        Wipe(space, ToWipe(space, null));
        BttFormat.Clear(space, 0, block.Length);
    }

    // Blocks and copies, whoever's they are: where they stand, and their parents.
    private static List<(int At, Guid Parent)> Found(MediumWindow space)
    {
        var found = new List<(int, Guid)>();
        Span<byte> block = stackalloc byte[InfoSignature.BlockSize];
        foreach (int at in (int[])[0, InfoSignature.BlockSize])
        {
            space.Read(at, block);
            if (InfoSignature.Recognise(block, out _) != NamespaceMode.Raw)
                found.Add((at, new Guid(block.Slice(32, 16), bigEndian: true)));
            if (BttCopies.Find(space, at, out BttInfo? copy) >= 0)
                found.Add((at, copy!.Parent));
        }
        return found;
    }

    /// <summary>Where blocks and copies of a deleted namespace stand, or, without a parent, anybody's.</summary>
    private static List<long> ToWipe(MediumWindow space, Guid? parent)
    {
        var places = new List<long>();
        Span<byte> block = stackalloc byte[InfoSignature.BlockSize];
        foreach (int at in (int[])[0, InfoSignature.BlockSize])
        {
            foreach ((long start, BttInfo info) in BttAudit.Reconstruct(space, at))
            {
                if (parent is null || info.Parent == parent || info.Parent == Guid.Empty)
                    places.AddRange([start + info.Copy, start]);
            }
            space.Read(at, block);
            if (InfoSignature.Recognise(block, out _) != NamespaceMode.Raw)
                places.Add(at);
        }
        return places;
    }

    private static void Wipe(MediumWindow space, List<long> places)
    {
        foreach (long place in places)
            BttFormat.Clear(space, place, InfoSignature.BlockSize);
    }
}
