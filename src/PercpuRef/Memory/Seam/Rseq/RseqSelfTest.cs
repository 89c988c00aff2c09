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
    private const string NoProcessor = "its self-test got no second processor for long enough to be sure of the process-wide fence";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs the section on words of its own.</summary>
    /// <returns>What went wrong; null if nothing did.</returns>
    internal static string? Run(RseqSystem system, RseqSection section)
    {
        long* words = (long*)NativeMemory.AllocZeroed(64, sizeof(long));
        try
        {
            new Span<long>(section.Areas, section.Count).Fill((long)words | StripeLayout.Flag);
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
        *mode = 8 * sizeof(long) | StripeLayout.Flag;
        *gate = 1;
        if (section.Add(mode, 5) != 1 || section.Add(mode, -2) != 1 || section.Probe(mode, 1, gate) != 1)
            return "a restartable sequence is refused on this thread";
        *mode = StripeLayout.AtomicWord(8);
        if (section.Add(mode, 1) != 0 || section.Probe(mode, 1, gate) != 0 || *stripe != 4)
            return "a restartable sequence counts wrongly";
        return null;
    }

    private static string? Restarts(RseqSystem system, RseqSection section, long* words)
    {
        long* mode = words, stripe = words + 8, gate = words + 16;
        *mode = 8 * sizeof(long) | StripeLayout.Flag;
        *stripe = 0;
        *gate = 0;
        string? missed = "its self-test did not run";
        bool early = false;
        // Another thread fences until this one, which waits inside the section, was seen to start anew; then it opens the gate.
        var fencing = new Thread(() =>
        {
            missed = WhatFencesMiss(system, section, gate + 1);
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
        if (missed is not null)
            return missed;
        return early || result != 1 || *stripe != 1 ? "a restartable sequence that was started anew counts wrongly" : null;
    }

    /// <summary>
    /// Fences again and again, and looks each time what the other thread does next in its section: it must have been started
    /// anew before it goes on there. A processor that is taken away starts it anew as well, so a round counts only behind two
    /// looks with nothing in between: the other thread was running then, and only the fence came after.
    /// </summary>
    private static string? WhatFencesMiss(RseqSystem system, RseqSection section, long* beat)
    {
        List<int> processors = system.AllowedProcessors();
        long start = Stopwatch.GetTimestamp();
        int seen = 0, moves = 0;
        while (seen < 16)
        {
            // It is inside: the beat moves there only. What it has stored before the fence is seen behind it.
            bool runs = Moves(beat);
            long before = Volatile.Read(ref *section.Restarts);
            if (runs && Moves(beat) && Volatile.Read(ref *section.Restarts) == before)
            {
                system.RestartSections();
                while (!Moves(beat))
                {
                    if (Stopwatch.GetElapsedTime(start) >= Patience)
                        return NoProcessor;
                    Thread.Yield();
                }
                if (Volatile.Read(ref *section.Restarts) == before)
                    return "a process-wide fence does not restart a restartable sequence";
                seen++;
                continue;
            }
            if (Stopwatch.GetElapsedTime(start) >= Patience)
                return NoProcessor;
            // The two take turns on one processor, it seems, and a scheduler may leave them there for seconds.
            if (processors.Count > 1)
                system.MoveThread(processors[moves++ % processors.Count]);
            Thread.Yield();
        }
        return null;
    }

    private static bool Moves(long* beat)
    {
        long before = Volatile.Read(ref *beat);
        for (int looks = 0; looks < 10_000; looks++)
        {
            if (Volatile.Read(ref *beat) != before)
                return true;
        }
        return false;
    }
}
