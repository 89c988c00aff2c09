using System.Runtime.CompilerServices;

namespace Percpu.Pagemap;

/// <summary>The pins of <see cref="AddressSpace.GetUserPagesFast"/>: one count for a whole run where the map allows it.</summary>
internal readonly unsafe struct RunPin : IRunPin
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PinDevice(AddressSpace space, Pfn first, int count, ref DevPagemap? held)
    {
        DevPagemap? map = held;
        // A map of which this batch holds a pin: a blind get, also while it is dying.
        bool blind = map is not null && map.Contains(first);
        if (!blind)
            map = space.Table.Peek(first);
        if (map is null)
            return 0;
        count = (int)Math.Min((ulong)count, map.EndPfn.Value - first.Value);
        if (blind)
            map.Reference.GetMany(count);
        else if (!map.Reference.TryGetLiveMany(count))
            return 0;
        if (map.CountsPages)
            CountPages(space, map, first, count);
        held = map;
        return count;
    }

    public static void PinRam(Page page) => page.Get();

    public static void Unpin(ReadOnlySpan<Page> pages) => AddressSpace.PutPages(pages);

    // The map is held; then each page; then the map is let go, for the pages hold it now.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CountPages(AddressSpace space, DevPagemap map, Pfn first, int count)
    {
        for (int i = 0; i < count; i++)
            space.Space.PfnToPage(new Pfn(first.Value + (ulong)i)).Get();
        map.Reference.PutMany(count);
    }
}
