namespace Percpu.Interleavings.Twins;

// Twins of the other layers.
internal static partial class TwinCatalog
{
    private const string Domain = "src/PercpuRef/Epochs/EpochDomain.cs";
    private const string Grace = "src/PercpuRef/Epochs/EpochDomain.Grace.cs";
    private const string Reclaim = "src/PercpuRef/Epochs/EpochDomain.Reclaim.cs";
    private const string Tree = "src/PercpuRef.Pagemap/Pagemaps/SectionTree.Writing.cs";
    private const string Table = "src/PercpuRef.Pagemap/Pagemaps/PagemapTable.cs";
    private const string File = "src/PercpuRef/Buffers/MappedFile.cs";
    private const string Memory = "src/PercpuRef/Buffers/MappedMemory.cs";
    private const string Hardware = "coyote-tests/Interleavings/Model/Execution.Hardware.cs";

    private static IEnumerable<Twin> Epochs =>
    [
        new("read-before-announce", "A reader reads before it has announced itself.", "sc",
            ["epoch-synchronize-1", "epoch-retire-1", "table-insert-remove"],
            new Edit(Domain, "            Atomic.StoreLocal((long*)slot, Atomic.LoadAcquire(&words->Epoch));\n", "            slot = slot + 0;\n")),
        new("no-fence-in-grace-period", "A grace period looks at the readers without a process-wide fence.", "tso",
            ["epoch-synchronize-1", "epoch-retire-1", "table-insert-remove"],
            new Edit(Grace, "        Atomic.ProcessWideFence();\n        return target;", "        return target;")),
        new("retire-stamped-too-early", "A batch's grace period begins before the batch is taken.", "sc",
            ["epoch-retire-1", "epoch-reclaim", "epoch-retire-2", "epoch-twice"],
            new Edit(Reclaim, "            Retired? pending = Atomic.ExchangeReference(ref _pending, null);",
                "            _waitingFor = BeginGracePeriod();\n            Retired? pending = Atomic.ExchangeReference(ref _pending, null);"),
            new Edit(Reclaim, "                return null;\n            _waitingFor = BeginGracePeriod();\n", "                return null;\n")),
        new("light-fence-not-full", "Where there is no process-wide fence, a reader's light fence is not a full one.", "tso-full",
            ["epoch-synchronize-1", "epoch-retire-1", "tryget-live-kill-1"],
            new Edit(Hardware, "        if (!Model.ProcessWideFence)\n            FullFence(thread, source);\n        else if (_running)", "        if (_running)")),
    ];

    private static IEnumerable<Twin> Pagemaps =>
    [
        new("table-without-grace-period", "What was unlinked from the table is freed under its readers.", "sc",
            ["table-insert-remove", "lookup-release-1"],
            new Edit(Tree, "        epoch.WaitForReaders();\n        FreeNodes(unlinked.Nodes);", "        FreeNodes(unlinked.Nodes);")),
        new("lookup-without-tryget", "A lookup takes a reference blindly, whether it is live or not.", "sc",
            ["lookup-release-1", "table-insert-remove"],
            new Edit(Table, "map.Reference.TryGetLive() ? map : null;", "Blind(map) ? map : null;"),
            new Edit(Table, "    private DevPagemap? Lookup(Pfn pfn)", "    private static bool Blind(DevPagemap map) { map.Reference.Get(); return true; }\n\n    private DevPagemap? Lookup(Pfn pfn)")),
        new("lookup-outside-read-section", "A lookup reads the table outside a read section.", "sc",
            ["table-insert-remove", "lookup-release-1"],
            new Edit(Table, "        using EpochReader reader = _epoch.Enter();\n        DevPagemap? map", "        DevPagemap? map")),
    ];

    private static IEnumerable<Twin> Buffers =>
    [
        new("unmap-before-last-unpin", "Dispose unmaps at once, whoever reads.", "sc",
            ["mapped-pin-dispose-1"],
            new Edit(File, "_ => mapping.Unmap())", "_ => { })"),
            new Edit(File, "    private protected override string Description => _mapping.Path;\n",
                "    private protected override string Description => _mapping.Path;\n\n    public new void Dispose()\n    {\n        _mapping.Unmap();\n        base.Dispose();\n    }\n")),
        new("pin-looks-then-gets", "A pin looks whether the file is live and then takes a reference blindly.", "sc",
            ["mapped-pin-dispose-2", "mapped-pin-dispose-1"],
            new Edit(Memory, "        if (reference.TryGetLive())\n        {\n            pin", "        if (!reference.IsDying && reference.TryGet())\n        {\n            pin")),
    ];
}
