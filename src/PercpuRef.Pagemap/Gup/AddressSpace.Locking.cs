using Percpu.Memory;

namespace Percpu.Pagemap;

// The map lock, and what a driver needs to move pages.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Takes the map lock for reading: areas stay, entries change only by faults and claims. Not twice by one
    /// thread; held when <see cref="IDevicePrivateMemory.Fault"/> runs. Kernel: <c>down_read(&amp;mm->mmap_sem)</c>.</summary>
    internal void EnterRead() => MapLock.EnterRead(&Shared->Map);

    internal void ExitRead()
    {
        MapLock.ExitRead(&Shared->Map);
        GC.KeepAlive(this); // The words are in an array of this object's.
    }

    /// <summary>The area of an address, or else the next one behind it; null if there is none. Under the map lock.</summary>
    internal Area? NextArea(ulong address) => Areas.Next(address);

    private void EnterWrite() => MapLock.EnterWrite(&Shared->Map, &Shared->MapWriters);

    private void ExitWrite()
    {
        MapLock.ExitWrite(&Shared->Map, &Shared->MapWriters);
        GC.KeepAlive(this); // As above.
    }

    /// <summary>How often an entry was published.</summary>
    internal long PublishedEntries => Atomic.LoadAcquire(&Shared->Gate);

    /// <summary>Waits until nobody walks with what he saw of the tables before, and every count he took can be seen.</summary>
    /// <exception cref="InvalidOperationException">Inside a read section.</exception>
    internal void WaitForWalkers()
    {
        Table.Epoch.CheckMayWait(nameof(WaitForWalkers));
        Table.Epoch.WaitForReaders();
    }

    /// <summary>Takes an entry out of everybody's reach, if it is still as expected. The map lock is held for reading, and
    /// stays held until the entry is published. Before the page's count tells anything: <see cref="WaitForWalkers"/>.</summary>
    /// <param name="address">A multiple of the page size; of a single page, not of a large entry.</param>
    /// <param name="expected">What <see cref="Lookup"/> gave: present or device-private.</param>
    /// <returns>False if it has changed or is not of a single page; look again.</returns>
    internal bool TryClaim(ulong address, PageTableEntry expected)
    {
        if (expected.IsClaimed || expected.IsLarge)
            return false;
        long* slot = Pages.Find(address, out _);
        // ORDER(migrate-1) interlocked: the entry is claimed before the grace period after which counts are looked at.
        // Pairs with ORDER(pte-2): a walker that saw the old entry has counted by then; a later one sees the claim.
        return slot != null && Atomic.CompareExchange(slot, expected.Claimed.Value, expected.Value) == expected.Value;
    }

    /// <summary>Puts an entry in the place of a claimed one, and wakes whoever waits for it. The entry has taken over the
    /// count that the old one held, or the caller puts that after <see cref="WaitForWalkers"/>.</summary>
    internal void Publish(ulong address, PageTableEntry entry)
    {
        // ORDER(pte-1) store-release: the page is filled before an entry leads to it. Pairs with ORDER(pte-2).
        Atomic.StoreRelease(Pages.Find(address, out _), entry.Value);
        // ORDER(migrate-2) interlocked, a full fence: the entry is there before the gate changes. Pairs with
        // ORDER(migrate-3): who read the gate before sees it change; who reads it after sees the entry.
        Atomic.FetchAdd(&Shared->Gate, 1);
        Parking.WakeAll(&Shared->Gate);
    }

    /// <summary>Replaces an entry of a single page if it is still as expected. The map lock is held for reading.</summary>
    internal bool TryReplace(ulong address, PageTableEntry expected, PageTableEntry entry)
    {
        long* slot = expected.IsNone ? Pages.Ensure(address) : Pages.Find(address, out _);
        return slot != null && Atomic.CompareExchange(slot, entry.Value, expected.Value) == expected.Value; // ORDER(pte-1)
    }

    /// <summary>The same for an entry that holds its page: where it cannot be put in, or there is no memory for its table, the page is put.</summary>
    internal bool TryReplace(ulong address, PageTableEntry expected, PageTableEntry entry, Page held)
    {
        bool taken = false;
        try
        {
            return taken = TryReplace(address, expected, entry);
        }
        finally
        {
            if (!taken && !held.IsNull)
                held.Put();
        }
    }

    /// <summary>Waits until an address's entry is not claimed. Not inside a read section: the claimant waits for those.</summary>
    /// <remarks>Kernel: <c>migration_entry_wait</c>.</remarks>
    internal void WaitForClaimant(ulong address)
    {
        Waiter waiter = Waiter.Uninterruptible;
        while (true)
        {
            // ORDER(migrate-3) acquire: the gate is read before the entry. Pairs with ORDER(migrate-2).
            long seen = Atomic.LoadAcquire(&Shared->Gate);
            if (!Pages.Read(address).IsClaimed)
                break;
            Table.Epoch.CheckMayWait(nameof(WaitForClaimant));
            waiter.Park(&Shared->Gate, seen);
        }
        waiter.End();
    }
}
