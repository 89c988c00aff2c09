using System.Runtime.CompilerServices;

namespace Percpu.PinThroughput.Subjects.Scopes;

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
