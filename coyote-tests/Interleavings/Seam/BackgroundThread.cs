using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: the library's thread is one of those that the scenario has kept ready for it.</summary>
internal static class BackgroundThread
{
    internal static void Start(Action body, string name, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.StartSpare(thread, body, new Source(member, line));
    }
}
