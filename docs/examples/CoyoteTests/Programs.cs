namespace CoyoteTests;

/// <summary>The programs under test, by name: those that are right, and those that are wrong.</summary>
internal static class Programs
{
    private const string Closed = "Read after it was closed", Freed = "Read after it was freed", Deadlock = "Deadlock detected";

    internal static IReadOnlyDictionary<string, Func<Task>> Right { get; } = new Dictionary<string, Func<Task>>
    {
        ["a cache is replaced"] = () => UseCache(),
        ["a list is replaced"] = () => UseList(),
        ["a list is replaced without holding a thread"] = ReplaceListAsync,
        ["a slab is swapped"] = () => UseSlab(),
        ["a slab is swapped under a pin that outlives an await"] = () => HoldSlab(),
        ["a slab is swapped by two"] = SwapByTwo,
        ["a pool is disposed of while a block is out"] = () => new Blocks().RunAsync(),
    };

    internal static IReadOnlyDictionary<string, WrongProgram> Wrong { get; } = new Dictionary<string, WrongProgram>
    {
        ["cache: closed at the kill"] = new(() => UseCache(CacheFault.ClosedAtKill), Closed),
        ["cache: forgotten put"] = new(() => UseCache(CacheFault.ForgottenPut), Deadlock),
        ["cache: put twice"] = new(() => UseCache(CacheFault.PutTwice), ""),
        ["cache: read after the put"] = new(() => UseCache(CacheFault.ReadAfterPut), Closed),
        ["cache: no pin"] = new(() => UseCache(CacheFault.NoPin), Closed),
        ["list: no grace period"] = new(() => UseList(EpochFault.NoGracePeriod), Closed, Probabilistic: true),
        ["list: no section"] = new(() => UseList(EpochFault.NoSection), Closed, Probabilistic: true),
        ["list: read after the section"] = new(() => UseList(EpochFault.ReadAfterSection), Closed, Probabilistic: true),
        ["list: retired before it was unlinked"] = new(() => UseList(EpochFault.RetiredBeforeUnlinked), Closed, Probabilistic: true),
        ["slab: read after the unpin"] = new(() => UseSlab(SlabFault.ReadAfterUnpin), Freed),
        ["slab: written after the unpin"] = new(() => UseSlab(SlabFault.WrittenAfterUnpin), "Memory was written after the library had freed it"),
        ["slab: a hold is forgotten"] = new(() => HoldSlab(SlabFault.ForgottenHold), Deadlock),
        ["pool: a block is not returned"] = new(() => new Blocks(BlockFault.NotReturned).RunAsync(), Deadlock),
        ["pool: read after the return"] = new(() => new Blocks(BlockFault.ReadAfterReturn).RunAsync(), Freed),
    };

    private static Task UseCache(CacheFault fault = CacheFault.None)
    {
        var cache = new Cache(fault);
        return Both(() => cache.Read(), () => cache.Replace("second"));
    }

    private static Task UseList(EpochFault fault = EpochFault.None)
    {
        var list = new EpochList(fault);
        return Both(() => list.Read(), () => list.Replace("second"));
    }

    private static async Task ReplaceListAsync()
    {
        var list = new EpochList();
        Task reader = Task.Run(() => list.Read());
        Task writer = Task.Run(() => list.ReplaceAsync("second"));
        await Task.WhenAll(new[] { reader, writer });
    }

    private static async Task UseSlab(SlabFault fault = SlabFault.None)
    {
        var cell = new SlabCell(fault);
        Task reader = Task.Run(() => cell.Read());
        Task writer = Task.Run(cell.ReplaceAsync);
        await Task.WhenAll(new[] { reader, writer });
    }

    private static async Task HoldSlab(SlabFault fault = SlabFault.None)
    {
        var cell = new SlabCell(fault);
        Task reader = Task.Run(cell.ReadLaterAsync);
        Task writer = Task.Run(cell.ReplaceAsync);
        await Task.WhenAll(new[] { reader, writer });
    }

    private static async Task SwapByTwo()
    {
        var cell = new SlabCell();
        Task one = Task.Run(cell.ReplaceAsync);
        Task other = Task.Run(cell.ReplaceAsync);
        await Task.WhenAll(new[] { one, other });
    }

    private static async Task Both(Action read, Action replace)
    {
        Task reader = Task.Run(read);
        Task writer = Task.Run(replace);
        await Task.WhenAll(new[] { reader, writer });
    }
}
