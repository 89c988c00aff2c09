using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: a loop that polls goes on when a word it has looked at changes, not before.</summary>
internal readonly struct Backoff
{
    internal void Pause()
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.Pause(thread);
    }
}
