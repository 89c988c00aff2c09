using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Scopes;

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
