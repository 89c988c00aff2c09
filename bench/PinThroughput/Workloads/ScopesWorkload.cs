using System.Buffers;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.Scopes;

namespace Percpu.PinThroughput.Workloads;

internal sealed class ScopesWorkload : Workload
{
    internal override string Id => "scopes";

    private const string Call = "call", Live = "live";

    internal override string Operation => "open a scope of mapped memory, read one byte, close it: in a loop if nothing else is said; call=virtual: in a virtual method called for each; live=12: with so many other variables";

    internal override string Yardstick => "pin";

    internal override IReadOnlyList<string> SubjectIds => ["raw", "reference", "value", "pin", "view", "cell", "memory-handle", "held-pin", "owner"];

    internal override IReadOnlyList<string> OwnIds => [.. SubjectIds.Skip(1)];

    internal override string Floor => "raw";

    internal override IReadOnlyList<IReadOnlyDictionary<string, string>> Variants =>
    [
        new Dictionary<string, string>(),
        new Dictionary<string, string> { [Live] = "12" },
        new Dictionary<string, string> { [Call] = "virtual" },
        new Dictionary<string, string> { [Call] = "virtual", [Live] = "12" },
    ];

    internal override unsafe WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var slab = NativeSlab.Allocate(4096);
        slab.Write(0, (byte)1);
        var cell = new MappedCell<NativeSlab>(slab);
        MappedMemoryManager manager = slab.Own(0, 1);
        var shared = new Shared(cell, manager);
        var place = new Place(parameters.ContainsKey(Call), parameters.ContainsKey(Live));
        List<Subject> subjects =
        [
            new ScopeSubject<RawScope>("raw", new RawScope(shared.Memory), place),
            new ScopeSubject<ReferenceScope>("reference", new ReferenceScope(shared.Reference, shared.Memory), place),
            new ScopeSubject<ValueScope>("value", new ValueScope(slab), place),
            new ScopeSubject<PinScope>("pin", new PinScope(slab), place),
            new ScopeSubject<ViewScope>("view", new ViewScope(slab.View(0, 1)), place),
            new ScopeSubject<CellScope>("cell", new CellScope(cell), place),
            new ScopeSubject<MemoryHandleScope>("memory-handle", new MemoryHandleScope(manager), place),
            new ScopeSubject<HeldScope>("held-pin", new HeldScope(slab), place),
            new ScopeSubject<OwnerScope>("owner", new OwnerScope(slab), place, mayAllocate: true),
        ];
        return new WorkloadInstance(subjects, shared);
    }

    private sealed unsafe class Shared(MappedCell<NativeSlab> cell, MappedMemoryManager manager) : IDisposable
    {
        private readonly MemoryHandle _memory = manager.Pin();

        /// <summary>Stays as long as this does.</summary>
        internal byte* Memory => (byte*)_memory.Pointer;

        internal PercpuRef Reference { get; } = new();

        public void Dispose()
        {
            _memory.Dispose();
            ((IDisposable)manager).Dispose();
            cell.Dispose();
            Reference.Dispose();
        }
    }
}
