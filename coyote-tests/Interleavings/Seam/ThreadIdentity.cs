using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: a model thread, whose end is a step that others may see late.</summary>
internal readonly struct ThreadIdentity
{
    private readonly ModelThread _thread;

    private ThreadIdentity(ModelThread thread) => _thread = thread;

    internal static ThreadIdentity Current => new(ModelThread.Current);

    internal bool IsAlive => IsAliveAt();

    internal int Id => _thread.Id + 2; // Set-up code is thread -1, and nobody has the number 0.

    internal string Name => _thread.Name;

    private bool IsAliveAt([CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread observer = ModelThread.Current;
        return observer.Execution.IsAlive(observer, _thread, new Source(member, line));
    }
}
