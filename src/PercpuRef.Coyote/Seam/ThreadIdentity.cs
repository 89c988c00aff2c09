using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: one of its operations, alive until it has completed.</summary>
internal readonly struct ThreadIdentity
{
    private readonly TestThread _thread;

    private ThreadIdentity(TestThread thread) => _thread = thread;

    internal static ThreadIdentity Current => new(TestThread.Current);

    internal bool IsAlive => _thread.IsAlive;

    internal int Id => _thread.Number;

    internal string Name => _thread.Name;
}
