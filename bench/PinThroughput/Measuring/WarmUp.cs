using System.Diagnostics;
using System.Runtime;

namespace Percpu.PinThroughput.Measuring;

/// <summary>
/// Runs every entry in turns until the JIT has been silent for long enough. Methods with loops start unoptimised and are
/// replaced behind their callers' backs after 30 calls and 100 ms without new code, so time alone tells nothing.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    internal static void Run(IReadOnlyList<Entry> entries, Workers workers)
    {
        var total = Stopwatch.StartNew();
        var silent = Stopwatch.StartNew();
        long compiled = JitInfo.GetCompiledMethodCount();
        int turns = 0;
        while ((turns < 3 || silent.Elapsed < Silence) && total.Elapsed < Limit)
        {
            foreach (Entry entry in entries)
                entry.WarmUp(workers, Slice);
            turns++;
            long now = JitInfo.GetCompiledMethodCount();
            if (now != compiled)
                silent.Restart();
            compiled = now;
        }
    }
}
