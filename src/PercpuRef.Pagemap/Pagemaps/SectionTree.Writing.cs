using Percpu.Memory;

namespace Percpu.Pagemap;

// Changing the tree, under the table's lock.
internal sealed unsafe partial class SectionTree
{
    // Behind a node's slots: how many are in use, and a link for the list of unlinked nodes. No reader looks there.
    private const int UsedIndex = Slots, LinkIndex = Slots + 1, NodeWords = Slots + 2;
    private const int MaxHeight = 5;

    /// <summary>Puts a map into the slots of all its sections, which are empty: every node is there before the first slot
    /// is filled. False when there is no memory: the tree is as it was, less <paramref name="unlinked"/>.</summary>
    internal bool TryInsert(ulong first, ulong last, DevPagemap map, out Unlinked unlinked)
    {
        unlinked = default;
        long* entry = null;
        try
        {
            entry = (long*)NativeBlocks.Allocate(2 * sizeof(long));
            GrowTo(last);
            for (ulong section = first; section <= last; section = (section | (Slots - 1)) + 1)
                CreateLeaf(section);
            Atomic.StoreLocal(entry, ObjectHandle.Allocate(map)); // Last: nothing after it fails, so nothing gives it back.
        }
        catch (OutOfMemoryException)
        {
            NativeBlocks.Free(entry); // No slot has led to it yet.
            unlinked = new Unlinked(Prune(first, last), null);
            return false;
        }
        for (ulong section = first; section <= last; section++)
        {
            long* leaf = FindLeaf(section);
            // ORDER(table-1) store-release: the entry is initialised before a slot leads to it. Pairs with ORDER(table-2).
            Atomic.StoreRelease(SlotOf(leaf, section, 0), (long)entry);
            AddUsed(leaf, 1);
        }
        return true;
    }

    /// <summary>Clears the slots of a map that is in the tree. Returns its entry and the nodes it leaves empty.</summary>
    internal Unlinked Remove(ulong first, ulong last)
    {
        long* entry = (long*)Atomic.LoadAcquire(SlotOf(FindLeaf(first), first, 0));
        for (ulong section = first; section <= last; section++)
        {
            long* leaf = FindLeaf(section);
            Atomic.StoreRelease(SlotOf(leaf, section, 0), 0);
            AddUsed(leaf, -1);
        }
        return new Unlinked(Prune(first, last), entry);
    }

    /// <summary>Frees what was unlinked when no reader can be looking at it. Not under the table's lock: a reader may be
    /// waiting for another thread that wants to change the table.</summary>
    internal static void Free(Unlinked unlinked, EpochDomain epoch)
    {
        if (unlinked.IsEmpty)
            return;
        // ORDER(table-3) grace period between unlinking and freeing. Pairs with ORDER(enter-2) of a lookup's read section.
        epoch.WaitForReaders();
        FreeNodes(unlinked.Nodes);
        if (unlinked.Entry == null)
            return;
        ObjectHandle.Free(Atomic.LoadLocal(unlinked.Entry));
        NativeBlocks.Free(unlinked.Entry);
    }

    private void GrowTo(ulong last)
    {
        long root = Atomic.LoadLocal(Root);
        int height = (int)(root & HeightMask);
        if (root == 0)
        {
            for (height = 1; last >> (LevelBits * height) != 0;)
                height++;
            Atomic.StoreRelease(Root, (long)AllocateNode() | (long)height); // ORDER(table-1)
            return;
        }
        for (; last >> (LevelBits * height) != 0; height++)
        {
            long* node = AllocateNode();
            Atomic.StoreLocal(node, Atomic.LoadLocal(Root) & ~HeightMask);
            AddUsed(node, 1);
            Atomic.StoreRelease(Root, (long)node | (long)(height + 1)); // ORDER(table-1)
        }
    }

    private void CreateLeaf(ulong section)
    {
        long root = Atomic.LoadLocal(Root);
        long* node = (long*)(root & ~HeightMask);
        for (int level = (int)(root & HeightMask) - 1; level > 0; level--)
        {
            long* slot = SlotOf(node, section, level);
            if (Atomic.LoadLocal(slot) == 0)
            {
                Atomic.StoreRelease(slot, (long)AllocateNode()); // ORDER(table-1)
                AddUsed(node, 1);
            }
            node = (long*)Atomic.LoadLocal(slot);
        }
    }

    /// <summary>Unlinks the empty nodes on the way to sections from first to last. Returns them as a list.</summary>
    private long* Prune(ulong first, ulong last)
    {
        long* unlinked = null;
        long** path = stackalloc long*[MaxHeight];
        for (ulong section = first; section <= last; section = (section | (Slots - 1)) + 1)
        {
            long root = Atomic.LoadLocal(Root);
            int height = (int)(root & HeightMask); // Of a tree that could not grow as far as the section: another one's path is looked at, and has no empty node.
            long* node = (long*)(root & ~HeightMask);
            int level = height - 1;
            for (; node != null; level--)
            {
                path[level] = node;
                if (level == 0)
                    break;
                node = (long*)Atomic.LoadLocal(SlotOf(node, section, level));
            }
            for (level = node == null ? level + 1 : 0; level < height && Atomic.LoadLocal(path[level] + UsedIndex) == 0; level++)
            {
                if (level == height - 1)
                {
                    Atomic.StoreRelease(Root, 0);
                }
                else
                {
                    Atomic.StoreRelease(SlotOf(path[level + 1], section, level + 1), 0);
                    AddUsed(path[level + 1], -1);
                }
                Atomic.StoreLocal(path[level] + LinkIndex, (long)unlinked);
                unlinked = path[level];
            }
        }
        return unlinked;
    }

    private static void FreeNodes(long* node)
    {
        while (node != null)
        {
            long* next = (long*)Atomic.LoadLocal(node + LinkIndex);
            NativeBlocks.Free(node);
            node = next;
        }
    }

    private static long* AllocateNode() => (long*)NativeBlocks.Allocate(NodeWords * sizeof(long));

    private static void AddUsed(long* node, long count) => Atomic.AddLocal(node + UsedIndex, count);

    /// <summary>What no slot leads to any more, but readers may still be looking at: a list of nodes, and an entry.</summary>
    internal readonly struct Unlinked(long* nodes, long* entry)
    {
        internal long* Nodes { get; } = nodes;

        internal long* Entry { get; } = entry;

        internal bool IsEmpty => Nodes == null && Entry == null;
    }
}
