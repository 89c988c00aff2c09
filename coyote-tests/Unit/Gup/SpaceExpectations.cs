using System.Runtime.CompilerServices;
using Percpu.Pagemap;

namespace Percpu.Unit.Gup;

/// <summary>What an address space would do by itself: asked beside a <see cref="SpaceModel"/>, with nothing changed.</summary>
internal static class SpaceExpectations
{
    /// <summary>Nothing may need memory once entries are being taken out: the lists are as long as they will have to be.</summary>
    internal static void CheckExpected(AddressSpace memory, SpaceModel model, ulong start, ulong end)
    {
        (int entries, int tables) = model.HeldIn(start, end);
        var cleared = default(Cleared);
        memory.Pages.Expect(start, end, ref cleared);
        // The same once more, as for another area of one space.
        for (int round = 1; round <= 2; round++)
        {
            Assert.Equal((round * entries, round * tables), (Expected(ref cleared), ExpectedTables(ref cleared)));
            Assert.True((Entries(ref cleared)?.Capacity ?? 0) >= round * entries && (Tables(ref cleared)?.Capacity ?? 0) >= round * tables, "The lists will not do.");
            if (round == 1)
                memory.Pages.Expect(start, end, ref cleared);
        }
        Assert.Equal((entries == 0, tables == 0), (Entries(ref cleared) is null, Tables(ref cleared) is null));
        Assert.Equal(tables > 0, cleared.HasRoomForTable);
        Assert.False(cleared.Any);
    }

    /// <summary>The walks without a lock find what needs no fault, and do not leave it to the slow one.</summary>
    internal static void CheckWalks(AddressSpace memory, SpaceModel model, ulong address, Page[] pages, GupFlags flags)
    {
        flags = (flags | GupFlags.Get) & ~GupFlags.Touch;
        (int expected, bool one) = model.TakenAtOnce(address, pages.Length, flags);
        int found = FastWalk.Pin(memory, address, pages, flags, out DevPagemap? map);
        Assert.Equal(expected, found);
        Assert.True(map is null || pages.AsSpan(0, found).IndexOfAnyExcept(default(Page)) == 0);
        AddressSpace.PutPages(pages.AsSpan(0, found));
        Assert.Equal(one, OnePageWalk.TryPin(memory, address, flags, out Page page, out map));
        Assert.Equal((one, one), (!page.IsNull, map is not null));
        if (one)
            AddressSpace.PutPages([page]);
        Assert.False(OnePageWalk.TryPin(memory, address, flags | GupFlags.Touch, out _, out _));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_expected")]
    private static extern ref int Expected(ref Cleared cleared);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_expectedTables")]
    private static extern ref int ExpectedTables(ref Cleared cleared);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_entries")]
    private static extern ref List<PageTableEntry>? Entries(ref Cleared cleared);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_tables")]
    private static extern ref List<nint>? Tables(ref Cleared cleared);
}
