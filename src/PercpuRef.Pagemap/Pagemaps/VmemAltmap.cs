using System.Numerics;
using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>
/// Takes the memory for a device's page frames from the front of the device itself, so that a large one costs no
/// memory of the host: first <see cref="Reserve"/> pages that stay untouched, then <see cref="Free"/> pages for frames.
/// </summary>
/// <remarks>Kernel: <c>struct vmem_altmap</c>. Thread-safety: every member, from any thread.</remarks>
public sealed unsafe class VmemAltmap
{
    private readonly Pinned<Words> _words = new();

    /// <summary>Describes the front of a device.</summary>
    /// <param name="basePfn">The device's first frame.</param>
    /// <param name="reserve">Pages at the start that hold something else, such as an info block.</param>
    /// <param name="free">Pages behind them for the frames.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pages wrap the address space.</exception>
    public VmemAltmap(Pfn basePfn, ulong reserve, ulong free)
    {
        if (basePfn.Value > Pfn.MaxValue || reserve > Pfn.MaxValue - basePfn.Value || free > Pfn.MaxValue - basePfn.Value - reserve)
            throw new ArgumentOutOfRangeException(nameof(free), free, "Reserve and free wrap the address space.");
        BasePfn = basePfn;
        Reserve = reserve;
        Free = free;
    }

    /// <summary>The first frame of the device. Kernel: <c>base_pfn</c>.</summary>
    public Pfn BasePfn { get; }

    /// <summary>Pages that stay untouched. Kernel: <c>reserve</c>.</summary>
    public ulong Reserve { get; }

    /// <summary>Pages set aside for frames. Kernel: <c>free</c>.</summary>
    public ulong Free { get; }

    /// <summary>Pages lost to alignment so far. Kernel: <c>align</c>.</summary>
    public ulong Align => (ulong)Atomic.LoadAcquire(&Shared->Align);

    /// <summary>Pages allocated and not given back. Kernel: <c>alloc</c>.</summary>
    public ulong Allocated => (ulong)Atomic.LoadAcquire(&Shared->Allocated);

    /// <summary>Pages from the base to the first usable one. Kernel: <c>vmem_altmap_offset</c>.</summary>
    public ulong Offset => Reserve + Free;

    /// <summary>Allocates pages, aligned to the largest power of two that divides their number.</summary>
    /// <param name="pages">At least 1.</param>
    /// <param name="first">The first of them.</param>
    /// <returns>False if they would pass the end of what is free. Nothing was changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pages"/> is 0.</exception>
    /// <remarks>Kernel: <c>vmem_altmap_alloc</c>.</remarks>
    public bool TryAllocate(ulong pages, out Pfn first)
    {
        ArgumentOutOfRangeException.ThrowIfZero(pages);
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        ulong used = Allocated + Align;
        ulong next = BasePfn.Value + Reserve + used;
        ulong alignment = 1UL << BitOperations.TrailingZeroCount(pages);
        ulong padding = (0 - next) & (alignment - 1);
        first = new Pfn(next + padding);
        if (used > Free || padding > Free - used || pages > Free - used - padding)
            return false;
        Atomic.StoreRelease(&Shared->Allocated, (long)(Allocated + pages));
        Atomic.StoreRelease(&Shared->Align, (long)(Align + padding));
        return true;
    }

    /// <summary>Gives pages back. What went to alignment stays lost.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than are allocated. Nothing was changed.</exception>
    /// <remarks>Kernel: <c>vmem_altmap_free</c>, which takes the caller's word for it.</remarks>
    public void Release(ulong pages)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, Allocated);
        Atomic.StoreRelease(&Shared->Allocated, (long)(Allocated - pages));
    }

    /// <summary>A copy in which what was allocated so far counts too.</summary>
    internal VmemAltmap Copy()
    {
        var copy = new VmemAltmap(BasePfn, Reserve, Free);
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        Atomic.StoreRelease(&copy.Shared->Align, (long)Align);
        Atomic.StoreRelease(&copy.Shared->Allocated, (long)Allocated);
        return copy;
    }

    private Words* Shared => _words.Pointer;

    private struct Words
    {
        internal long Lock;
        internal long Align;
        internal long Allocated;
    }
}
