using System.Buffers;
using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

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

/// <summary>Where the scope stands.</summary>
/// <param name="Virtual">In a virtual method that is called for each, instead of in the loop.</param>
/// <param name="Live">Twelve other variables are alive across it.</param>
internal readonly record struct Place(bool Virtual, bool Live);

/// <summary>A scope at one place.</summary>
internal sealed class ScopeSubject<TScope>(string id, TScope scope, Place place, bool mayAllocate = false) : Subject(id)
    where TScope : struct, IScope
{
    internal override bool MayAllocate => mayAllocate;

    internal override Loop CreateLoop(int thread) => place switch
    {
        (Virtual: false, Live: false) => new ScopeLoop<TScope>(scope),
        (Virtual: false, Live: true) => new LiveScopeLoop<TScope>(scope),
        (Virtual: true, Live: false) => new CallLoop(new ScopeCall<TScope>(scope)),
        (Virtual: true, Live: true) => new CallLoop(new LiveScopeCall<TScope>(scope)),
    };
}

/// <summary>A scope in a loop that has nothing else to do: the JIT keeps in registers all that does not change.</summary>
internal sealed class ScopeLoop<TScope>(TScope scope) : ChunkLoop
    where TScope : struct, IScope
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TScope local = scope;
        long sum = 0;
        for (int i = 0; i < Operations; i++)
            sum += local.ReadOne();
        return sum;
    }
}

/// <summary>A scope in a loop with twelve variables of its own, as real ones have: positions, ends, sums. They leave no register.</summary>
internal sealed class LiveScopeLoop<TScope>(TScope scope) : ChunkLoop
    where TScope : struct, IScope
{
    private long _result;

    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        TScope local = scope;
        long sum = 0, a = chunk, b = 1, c = 2, d = 3, e = 4, f = 5, g = 6, h = 7, j = 8, k = 9, l = 10, m = 11;
        for (int i = 0; i < Operations; i++)
        {
            int one = local.ReadOne();
            sum += one;
            a += one;
            b ^= i;
            c += i;
            d -= one;
            e ^= one;
            f += i;
            g -= i;
            h ^= i;
            j += one;
            k ^= i;
            l += i;
            m -= one;
        }
        _result = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ j ^ k ^ l ^ m;
        return sum;
    }
}

/// <summary>Calls a method for each scope; what the call itself costs shows the subject <c>raw</c>.</summary>
internal sealed class CallLoop(ScopeCall call) : ChunkLoop
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected override long RunChunk(int chunk)
    {
        ScopeCall local = call;
        long sum = 0;
        for (int i = 0; i < Operations; i++)
            sum += local.ReadOne();
        return sum;
    }
}

/// <summary>A virtual method with one scope in it: nothing can be kept from one to the next.</summary>
internal abstract class ScopeCall
{
    internal abstract int ReadOne();
}

/// <summary>The method does nothing else.</summary>
internal sealed class ScopeCall<TScope>(TScope scope) : ScopeCall
    where TScope : struct, IScope
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal override int ReadOne() => scope.ReadOne();
}

/// <summary>The method has twelve variables that are alive before and after the scope.</summary>
internal sealed class LiveScopeCall<TScope>(TScope scope) : ScopeCall
    where TScope : struct, IScope
{
    private long _a, _b = 1, _c = 2, _d = 3, _e = 4, _f = 5, _g = 6, _h = 7, _j = 8, _k = 9, _l = 10, _m = 11;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal override int ReadOne()
    {
        long a = _a, b = _b, c = _c, d = _d, e = _e, f = _f, g = _g, h = _h, j = _j, k = _k, l = _l, m = _m;
        int one = scope.ReadOne();
        (_a, _b, _c, _d, _e, _f) = (a + one, b ^ one, c - one, d + one, e ^ one, f - one);
        (_g, _h, _j, _k, _l, _m) = (g + one, h ^ one, j - one, k + one, l ^ one, m - one);
        return one;
    }
}
