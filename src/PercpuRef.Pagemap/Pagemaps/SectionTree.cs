using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>
/// A radix tree from section numbers to maps: nodes of 512 slots in native memory, as high as the largest section
/// number needs. Readers walk it inside an epoch's read section; writers hold the table's lock.
/// </summary>
/// <remarks>
/// The root word is the address of the top node plus the height (1 to 5) in its low bits, so that one load gives both.
/// A leaf slot holds the address of the map's entry, a native block with the map's GC handle: like the nodes, it is
/// freed a grace period after the last slot that led to it was cleared.
/// </remarks>
internal sealed unsafe partial class SectionTree
{
    private const int LevelBits = 9;
    private const int Slots = 1 << LevelBits;
    private const long HeightMask = 15;

    private readonly Pinned<long> _root = new();

    /// <summary>The root word; 0 in an empty tree.</summary>
    internal long* Root => _root.Pointer;

    /// <summary>The map of a section, or null. Inside a read section, or under the table's lock.</summary>
    internal DevPagemap? Find(ulong section)
    {
        long* leaf = FindLeaf(section);
        long entry = leaf == null ? 0 : Atomic.LoadAcquire(SlotOf(leaf, section, 0));
        return entry == 0 ? null : MapOf(entry);
    }

    /// <summary>A map of any section from first to last, or null. Under the table's lock.</summary>
    internal DevPagemap? FindAny(ulong first, ulong last)
    {
        for (ulong section = first; section <= last; section = (section | (Slots - 1)) + 1)
        {
            long* leaf = FindLeaf(section);
            if (leaf == null)
                continue;
            for (ulong each = section; each <= last && each - section <= (Slots - 1 - (section & (Slots - 1))); each++)
            {
                long entry = Atomic.LoadAcquire(SlotOf(leaf, each, 0));
                if (entry != 0)
                    return MapOf(entry);
            }
        }
        return null;
    }

    // ORDER(table-2) acquire loads down the tree. Pairs with ORDER(table-1): who sees a node or entry sees it initialised.
    private long* FindLeaf(ulong section)
    {
        long root = Atomic.LoadAcquire(Root);
        int level = (int)(root & HeightMask);
        if (root == 0 || section >> (LevelBits * level) != 0)
            return null;
        long* node = (long*)(root & ~HeightMask);
        while (--level > 0 && node != null)
            node = (long*)Atomic.LoadAcquire(SlotOf(node, section, level));
        return node;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long* SlotOf(long* node, ulong section, int level) =>
        node + ((section >> (LevelBits * level)) & (Slots - 1));

    private static DevPagemap MapOf(long entry) =>
        ObjectHandle.Target<DevPagemap>(Atomic.LoadPublished((long*)entry));
}
