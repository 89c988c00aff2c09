#pragma warning disable RS0030 // The seam.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Percpu.Memory;

/// <summary>
/// Shows once at the start that the section works on this machine: that it counts, that it refuses, and that a fence
/// restarts it with nothing changed. An emulator or a sandbox may know the calls and not do what they promise.
/// </summary>
internal static unsafe class RseqSelfTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Runs the section on words of its own.</summary>
    /// <returns>What went wrong; null if nothing did.</returns>
    internal static string? Run(RseqSystem system, RseqSection section)
    {
        long* words = (long*)NativeMemory.AllocZeroed(64, sizeof(long));
        try
        {
            new Span<long>(section.Areas, section.Count).Fill((long)words);
            return CountsAndRefuses(section, words) ?? Restarts(system, section, words);
        }
        finally
        {
            new Span<long>(section.Areas, section.Count).Clear();
            NativeMemory.Free(words);
        }
    }

    private static string? CountsAndRefuses(RseqSection section, long* words)
    {
        long* mode = words, stripe = words + 8, gate = words + 16;
        *mode = 8 * sizeof(long);
        *gate = 1;
        if (section.Add(mode, 5) != 1 || section.Add(mode, -2) != 1 || section.Probe(mode, 1, gate) != 1)
            return "a restartable sequence is refused on this thread";
        *mode |= long.MinValue;
        if (section.Add(mode, 1) != 0 || section.Probe(mode, 1, gate) != 0 || *stripe != 4)
            return "a restartable sequence counts wrongly";
        return null;
    }

    private static string? Restarts(RseqSystem system, RseqSection section, long* words)
    {
        long* mode = words, stripe = words + 8, gate = words + 16;
        *mode = 8 * sizeof(long);
        *stripe = 0;
        *gate = 0;
        bool restarted = false, early = false;
        // Another thread fences until this one, which waits inside the section, was seen to start anew; then it opens the gate.
        var fencing = new Thread(() =>
        {
            restarted = SeesRestarts(system, section);
            early = Volatile.Read(ref *stripe) != 0;
            Volatile.Write(ref *gate, 1);
        }, maxStackSize: 256 << 10)
        { IsBackground = true, Name = "Percpu self-test" };
        try
        {
            fencing.UnsafeStart();
        }
        catch (OutOfMemoryException)
        {
            return "no thread could be started for the self-test of restartable sequences";
        }
        int result;
        do
            result = section.Probe(mode, 1, gate); // Refused when the gate stays shut for long: the other thread has not run yet.
        while (result == 0 && fencing.IsAlive);
        while (fencing.IsAlive)
            Thread.Yield(); // Not a wait: an interrupt of this thread is no business of a first use of the library.
        if (!restarted)
            return "a process-wide fence does not restart a restartable sequence";
        return early || result != 1 || *stripe != 1 ? "a restartable sequence that was started anew counts wrongly" : null;
    }

    /// <summary>Fences until several fences on end each had a restart at once. A single one may be that the processor was taken
    /// away just then; where there is one processor only, that is all there is to see.</summary>
    private static bool SeesRestarts(RseqSystem system, RseqSection section)
    {
        int wanted = Environment.ProcessorCount > 1 ? 3 : 1;
        long start = Stopwatch.GetTimestamp();
        for (int seen = 0; seen < wanted;)
        {
            if (Stopwatch.GetElapsedTime(start) >= Patience)
                return false;
            long before = Volatile.Read(ref *section.Restarts);
            system.RestartSections();
            // The handler of the other processor may be some instructions behind.
            bool one = false;
            for (int looks = 0; !one && looks < 1000; looks++)
                one = Volatile.Read(ref *section.Restarts) != before;
            seen = one ? seen + 1 : 0;
        }
        return true;
    }
}
