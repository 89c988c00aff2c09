using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.Scopes;

namespace Percpu.PinThroughput.Workloads;

internal sealed class ScopesWorkload : Workload
{
    internal override string Id => "scopes";

    internal override string Operation => "open a scope of mapped memory, read one byte, close it";

    internal override string Yardstick => "pin";

    internal override IReadOnlyList<string> SubjectIds => ["value", "pin", "view", "cell", "memory-handle", "held-pin", "owner"];

    internal override IReadOnlyList<string> OwnIds => SubjectIds;

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters)
    {
        var slab = NativeSlab.Allocate(4096);
        slab.Write(0, (byte)1);
        var cell = new MappedCell<NativeSlab>(slab);
        MappedMemoryManager manager = slab.Own(0, 1);
        List<Subject> subjects =
        [
            new ScopeSubject<ValueScope>("value", new ValueScope(slab)),
            new ScopeSubject<PinScope>("pin", new PinScope(slab)),
            new ScopeSubject<ViewScope>("view", new ViewScope(slab.View(0, 1))),
            new ScopeSubject<CellScope>("cell", new CellScope(cell)),
            new ScopeSubject<MemoryHandleScope>("memory-handle", new MemoryHandleScope(manager)),
            new ScopeSubject<HeldScope>("held-pin", new HeldScope(slab)),
            new ScopeSubject<OwnerScope>("owner", new OwnerScope(slab), mayAllocate: true),
        ];
        return new WorkloadInstance(subjects, new Shared(cell, manager));
    }

    private sealed class Shared(MappedCell<NativeSlab> cell, IDisposable manager) : IDisposable
    {
        public void Dispose()
        {
            manager.Dispose();
            cell.Dispose();
        }
    }
}
