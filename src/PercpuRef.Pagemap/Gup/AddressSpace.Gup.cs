using Percpu.Memory;

namespace Percpu.Pagemap;

// Pinning pages, page by page under the map lock.
public sealed unsafe partial class AddressSpace
{
    private const GupFlags AllFlags = GupFlags.Get | GupFlags.Write | GupFlags.Touch | GupFlags.Dump | GupFlags.Force | GupFlags.LongTerm;

    /// <summary>Makes the pages of a range present, and pins them if asked.</summary>
    /// <param name="address">An address in the first page.</param>
    /// <param name="pages">As many pages as are wanted; filled from the first. <c>default</c> stands for a page of a device
    /// that was not pinned, and for a frame without a page.</param>
    /// <param name="flags">How.</param>
    /// <returns>How many were found, from the first: at least 1 unless <paramref name="pages"/> is empty. What was pinned is
    /// given back with <see cref="PutPages"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Undefined flags.</exception>
    /// <exception cref="AccessFaultException">The first page cannot be had; <see cref="AccessFaultException.Fault"/> says why.</exception>
    /// <exception cref="NotSupportedException"><see cref="GupFlags.LongTerm"/>, and a page of a file system's disk (kernel:
    /// EOPNOTSUPP). Nothing stays pinned.</exception>
    /// <exception cref="OutOfMemoryException">No page of RAM. Nothing stays pinned.</exception>
    /// <exception cref="IOException">The disk under a mapped file is full. Nothing stays pinned.</exception>
    /// <exception cref="ObjectDisposedException">The address space was disposed.</exception>
    /// <remarks>Waits for whoever maps or unmaps, and for drivers that bring pages back. Kernel: <c>get_user_pages</c>.</remarks>
    public int GetUserPages(ulong address, Span<Page> pages, GupFlags flags = GupFlags.Get | GupFlags.Touch)
    {
        CheckFlags(flags);
        int found = FollowAll(address & ~(PageTable.PageSize - 1), pages, flags, out AccessFault fault);
        return found != 0 || pages.IsEmpty ? found : throw new AccessFaultException(address, fault);
    }

    /// <summary>Gives pins back. An element that is no page is skipped.</summary>
    /// <param name="pages">Pages that <see cref="GetUserPages"/> or <see cref="GetUserPagesFast"/> pinned, in any order.</param>
    /// <exception cref="InvalidOperationException">One put too many, where it can be seen.</exception>
    /// <remarks>Neighbours of one map go back in one step. The last pin of a dying device runs its release callback; that
    /// of a page runs the driver's free callback. An exception of either reaches the caller when all pages are given back,
    /// several as an <see cref="AggregateException"/>. Not <see cref="Page.Put"/>, for which a pin of a map that does not count
    /// its pages is none. Kernel: <c>put_page</c>, <c>release_pages</c>.</remarks>
    public static void PutPages(ReadOnlySpan<Page> pages)
    {
        var failures = default(Failures);
        for (int i = 0; i < pages.Length;)
        {
            Page page = pages[i++];
            if (page.IsNull)
                continue;
            if (page.Owner is not DevPagemap { CountsPages: false } map)
            {
                PutPage(page, ref failures);
                continue;
            }
            int first = i - 1;
            FrameMap frames = map.Table.Space!.Frames;
            var start = (ulong)frames.Locate(map.Range.Start.Value);
            ulong bytes = map.Range.Length << PageFrame.FrameShift;
            while (i < pages.Length && (ulong)pages[i].Frame - start < bytes)
                i++;
            PutRun(map.Reference, i - first, ref failures); // Last: the frames may vanish with it.
        }
        failures.ThrowIfAny();
    }

    // A callback's exception must not keep the pages behind it pinned.
    private static void PutPage(Page page, ref Failures failures)
    {
        try
        {
            page.Put();
        }
        catch (Exception exception)
        {
            failures.Add(exception);
        }
    }

    private static void PutRun(PercpuRef reference, int count, ref Failures failures)
    {
        try
        {
            reference.PutMany(count);
        }
        catch (Exception exception)
        {
            failures.Add(exception);
        }
    }

    private int FollowAll(ulong address, Span<Page> pages, GupFlags flags, out AccessFault fault)
    {
        int found = 0;
        fault = AccessFault.OutOfRange;
        EnterRead();
        try
        {
            ThrowIfDisposed();
            while (found < pages.Length && TryFollow(address, flags, out pages[found], out fault))
            {
                found++;
                address += PageTable.PageSize;
            }
            return found;
        }
        catch when (found != 0 && (flags & GupFlags.Get) != 0)
        {
            PutPages(pages[..found]);
            throw;
        }
        finally
        {
            ExitRead();
        }
    }

    private static void CheckFlags(GupFlags flags)
    {
        if ((flags & ~AllFlags) != 0)
            throw new ArgumentOutOfRangeException(nameof(flags), flags, "Undefined flags.");
    }
}
