using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: a blocking primitive of the scheduler over the same bits (0 free, 1 held).</summary>
internal static unsafe class SwitchLock
{
    internal const long Mask = Execution.LockMask;

    internal static void Enter(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.EnterLock(thread, word, new Source(member, line));
    }

    internal static bool TryEnter(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.TryEnterLock(thread, word, new Source(member, line));
    }

    internal static void Exit(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.ExitHeldLock(thread, word, new Source(member, line));
    }
}
