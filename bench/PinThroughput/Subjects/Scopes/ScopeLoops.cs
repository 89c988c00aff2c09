using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Scopes;

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
