namespace Percpu.Interleavings.Twins;

/// <summary>All twins, layer by layer.</summary>
internal static partial class TwinCatalog
{
    private const string Fast = "src/PercpuRef/Counting/PercpuRef.cs";
    private const string Token = "src/PercpuRef/Counting/PercpuRef.Thread.cs";
    private const string RefPins = "src/PercpuRef/Counting/PercpuRef.Pinning.cs";
    private const string Hazards = "src/PercpuRef/Memory/Hazard.cs";
    private const string PinsHere = "src/PercpuRef/Counting/PercpuRef.Hazards.cs";
    private const string Slow = "src/PercpuRef/Counting/PercpuRef.Slow.cs";
    private const string Switching = "src/PercpuRef/Counting/PercpuRef.Switching.cs";
    private const string Revivals = "src/PercpuRef/Counting/PercpuRef.Reviving.cs";
    private const string Lifetime = "src/PercpuRef/Counting/PercpuRef.Lifetime.cs";
    private const string Batch = "src/PercpuRef/Counting/PercpuRef.Batch.cs";
    private const string CountWord = "src/PercpuRef/Counting/CountWord.cs";

    private const string Announced = "        Atomic.StoreLocal(hazard, (long)mode);\n        Atomic.LightFence(); // ORDER(get-2)\n";
    private const string Withdrawn = "        Atomic.StoreRelease(hazard, 0); // ORDER(put-1)\n        Atomic.LightFence(); // ORDER(get-2)\n";

    internal static IReadOnlyList<Twin> All => [.. Counting, .. Reviving, .. PerCpu, .. Epochs, .. Areas, .. Pagemaps, .. Buffers, .. Devices, .. Media, .. Gup, .. Interrupts];

    private static IEnumerable<Twin> Counting =>
    [
        new("no-process-wide-fence", "The kill scans without a process-wide fence.", "tso",
            ["tryget-live-kill-1"],
            new Edit(Switching, "        FenceCounts(HasAlways(RefWords.IsAnnounced));\n", "")),
        new("no-process-wide-fence-batch", "The batch kill scans without a process-wide fence.", "tso",
            ["kill-all-one-visit"],
            new Edit(Batch, "            FenceCounts(announced); // Once for the whole batch.", "            fence = false;")),
        new("no-second-check-get", "A get does not look at the mode again after its add.", "sc",
            ["tryget-live-kill-1", "tryget-kill-1"],
            new Edit(Fast, "        return Atomic.LoadAcquire(mode) == word;", "        return true;")),
        new("no-second-check-put", "A put does not look at the mode again after its add.", "sc",
            ["put-kill-1", "tryget-live-kill-1"],
            new Edit(Fast, "            if (Atomic.LoadAcquire(mode) == word)", "            if (stripe != 0)")),
        new("no-second-check-token-get", "A get with an explicit thread does not look at the mode again after its add.", "sc",
            ["token-kill-1"],
            new Edit(Token, "        return Atomic.LoadAcquire(mode) == word;", "        return true;")),
        new("no-second-check-token-put", "A put with an explicit thread does not look at the mode again after its add.", "sc",
            ["token-kill-1"],
            new Edit(Token, "            if (Atomic.LoadAcquire(mode) == word)", "            if (stripe != 0)")),
        new("token-put-not-released", "A put with an explicit thread may be counted before its holder has read what it holds.", "arm64-full",
            ["token-kill-1"],
            new Edit(Token, "            Atomic.AddLocalRelease((long*)stripe, -1); // ORDER(put-1)", "            Atomic.AddLocal((long*)stripe, -1);")),
        new("no-check-at-pin-end", "The end of a reference's pin does not look at the mode after its add.", "sc",
            ["ref-pin-kill-1"],
            new Edit(RefPins, "        return StripeLayout.IsPercpu(Atomic.LoadAcquire((long*)_words));", "        return true;")),
        new("pin-end-not-released", "The end of a reference's pin may be counted before its holder has read what it holds.", "arm64",
            ["ref-pin-kill-1"],
            new Edit(RefPins, "        Atomic.AddLocalRelease((long*)stripe, -1); // ORDER(put-1)", "        Atomic.AddLocal((long*)stripe, -1);")),
        new("no-second-check-visit", "Who announces a reference does not look at its mode again.", "sc",
            ["visit-kill-1"],
            new Edit(Hazards, Announced + "        return StripeLayout.IsPercpu(Atomic.LoadAcquire(mode));", Announced + "        return true;")),
        new("no-second-check-visit-end", "A visit does not look at the mode again after its end.", "sc",
            ["visit-kill-1"],
            new Edit(Hazards, Withdrawn + "        return StripeLayout.IsPercpu(Atomic.LoadAcquire(mode));", Withdrawn + "        return true;")),
        new("visit-not-scanned", "A scan does not look who visits.", "sc",
            ["visit-kill-1"],
            new Edit(Scanning, "                count += Atomic.LoadAcquire(Hazard.OfVisit(line)) == (long)name ? 1 : 0;\n", "")),
        new("pin-not-scanned", "A scan does not look at the hazard pointers of pins.", "sc",
            ["pin-here-kill-1"],
            new Edit(Scanning, "                count += Atomic.LoadAcquire(Hazard.OfPin(line)) == (long)name ? 1 : 0;\n", "")),
        new("pin-over-pin", "A thread announces a second pin over the first.", "sc",
            ["pin-here-kill-1", "pins-here-of-two"],
            new Edit(PinsHere, "hazards == 0 || Atomic.LoadLocal(word) != 0 || ", "hazards == 0 || ")),
        new("late-announcement-does-not-settle", "An announcement that came too late is taken back, and that is all.", "sc",
            ["visit-kill-1", "pin-here-kill-1"],
            new Edit(PinsHere, "        Atomic.StoreRelease(hazard, 0);\n        reference.Settle();", "        Atomic.StoreRelease(hazard, 0);")),
        new("put-not-released", "A put may be counted before its holder has read what it holds.", "arm64-full",
            ["put-kill-1", "tryget-live-kill-1"],
            new Edit(Fast, "            Atomic.AddLocalRelease((long*)stripe, -1);", "            Atomic.AddLocal((long*)stripe, -1);")),
        new("visit-end-not-released", "The end of a visit may be counted before its reader has read.", "arm64",
            ["visit-kill-1"],
            new Edit(Hazards, "        Atomic.StoreRelease(hazard, 0); // ORDER(put-1)", "        Atomic.StoreLocal(hazard, 0);")),
        new("straggler-does-not-settle", "A get that came too late takes its add back and looks no further.", "sc",
            ["tryget-live-kill-1", "tryget-kill-1"],
            new Edit(Slow, "        Atomic.AddLocal((long*)stripe, -count);\n        Settle();", "        Atomic.AddLocal((long*)stripe, -count);")),
        new("late-put-does-not-settle", "A put that came too late looks no further.", "sc",
            ["put-kill-1", "tryget-live-kill-1"],
            new Edit(Slow, "            Settle(); // A late put: counted, but after the scan, which took the reference for held.", "            return;")),
        new("no-full-fence-before-settle", "A settle scans before its thread's own undo or put is visible.", "tso",
            ["tryget-live-kill-2", "put-kill-2", "last-puts-2", "get-while-holding-2", "live-and-tryget", "hand-over"],
            new Edit(Slow, "            Atomic.FetchAdd(&_words->Settlers, 1);\n        else\n            Atomic.FullFence();\n", "            counted = false;\n")),
        new("bound-straight-to-sum", "The bound goes from unconfirmed to the first sum, without unknown between.", "sc",
            ["put-kill-1", "tryget-live-kill-1", "tryget-live-kill-2", "put-kill-2"],
            new Edit(Switching,
                "        long phase = PublishUnknown();\n        LowerBound(CountWord.FromCount(SumStripes()), phase);",
                "        long phase = CountWord.Phase(Atomic.LoadAcquire(&_words->Central));\n        long sum = CountWord.FromCount(SumStripes());\n        Atomic.Exchange(&_words->Bound, sum | phase);")),
        new("unknown-without-fence", "The first scan may start before the bound is seen to be unknown.", "tso",
            ["put-kill-1", "tryget-live-kill-1", "tryget-live-kill-2", "put-kill-2"],
            new Edit(Switching,
                "        Atomic.Exchange(&_words->Bound, CountWord.Unknown | phase);",
                "        Atomic.StoreRelease(&_words->Bound, CountWord.Unknown | phase);")),
        new("central-before-stripes", "A settle reads the shared count before the stripes.", "sc",
            ["tryget-live-kill-1", "tryget-live-kill-2", "hand-over", "get-while-holding-1", "get-while-holding-2", "live-and-tryget"],
            new Edit(Slow, "        long sum = CountWord.Count(bound);\n", "        long sum = CountWord.Count(bound);\n        long central = Atomic.LoadAcquire(&_words->Central);\n"),
            new Edit(Slow, "                LowerBound(sum, first);\n        }\n        long central = Atomic.LoadAcquire(&_words->Central);\n", "                LowerBound(sum, first);\n        }\n")),
        new("dead-apart-from-count", "A slow get looks at DEAD once, and not in the word that it compare-exchanges.", "sc",
            ["newcomers-1", "newcomers-2", "no-memory-for-area", "tryget-live-kill-2"],
            new Edit(Slow, "            central = found;\n        }\n        return false;", "            central = found;\n            refusing = CountWord.Released;\n        }\n        return false;")),
        new("no-settle-after-switch", "SwitchToAtomic does not look whether the count is zero already.", "sc",
            ["initial-put-switch"],
            new Edit(Switching, "        RunBoth(confirm, static reference => reference.Settle());", "        RunBoth(confirm, static _ => { });")),
        new("offset-reused-at-dispose", "A disposed reference's words and offset go to the next one at once.", "sc",
            ["dispose-then-create"],
            new Edit("src/PercpuRef/Memory/Slab.cs", "        if (IsFree(index) || !_watches[index].HasLetGo)",
                "        if (IsFree(index) || (Atomic.LoadAcquire(SlotAt(index).Words + 3) & 4) == 0)"),
            new Edit("src/PercpuRef/Memory/Slab.cs", "        Array.Fill(_free, ulong.MaxValue);\n        FreeCount = Slots;", "        _free[0] = 1;\n        FreeCount = 1;"),
            new Edit("src/PercpuRef/Memory/SlotPool.cs", "        if (_sweptAt != WeakWatch.Collections && _rentedSinceSweep >= _slabs.Count * (Slab.Slots / 8))", "        if (_slabs.Count > 0)")),
        new("fresh-count-on-used-slot", "A new reference starts with a count of 1 whatever its stripes hold.", "sc",
            ["recycled-slot"],
            new Edit(Fast, "        long balance = CountWord.Count(Atomic.LoadAcquire(&_words->Central));", "        long balance = CountWord.Count(0);")),
        new("dropped-slot-not-scanned", "The count of a reference that was dropped unreleased passes for the negative of what its stripes hold.", "sc",
            ["recycled-slot"],
            new Edit("src/PercpuRef/Counting/RefBalance.cs", "        return (Atomic.LoadAcquire(&reference->Central) & CountWord.Released) != 0\n            && ", "        return ")),
        new("zeroed-slot-keeps-its-sum", "The slots of a run that was zeroed still tell what stood in their stripes.", "sc",
            ["recycled-slot"],
            new Edit("src/PercpuRef/Memory/SlotPool.cs", "        if (!zeroed)\n            _stripes.AddCounts(", "        if (zeroed)\n            _sums.AsSpan().Fill(5);\n        else\n            _stripes.AddCounts(")),
        new("unknown-bound-proves-zero", "A settle takes a bound that is not known yet for the sum of the stripes.", "sc",
            ["puts-beside-switch"],
            new Edit(Slow, "released || (bound & CountWord.Unknown) != 0 || sum", "released || sum")),
        new("hazards-read-before-fence", "A batch kill reads the hazard pointers before its process-wide fence.", "sc",
            ["kill-all-announced"],
            new Edit(Batch, "        if (fence)\n            FenceCounts(announced);", "        long early = 0;\n        foreach (PercpuRef? each in batch)\n            early += each is null ? 0 : PerProcess.Stripes.CountHazards((long*)each._words);\n        if (fence)\n            FenceCounts(announced);"),
            new Edit("src/PercpuRef/Counting/BatchScan.cs", "        stripes.AddHazards(Names, Named, Sums);\n", "")),
        new("ended-before-asked", "Who asks for the end of a life does not look whether it has come.", "sc",
            ["released-asked"],
            new Edit(Lifetime, "                if (Has(RefWords.Ended))\n                    created.Succeed();\n", "")),
        new("end-tells-nobody", "A release does not look whether somebody has asked for its end meanwhile.", "sc",
            ["released-asked"],
            new Edit(Slow, "            life = Atomic.LoadReference(ref _end) as RefLife;\n", "")),
    ];

    private static IEnumerable<Twin> Reviving =>
    [
        new("no-phase-in-release", "A revival does not change the word that a release must compare-exchange.", "sc",
            ["reinit-1", "resurrect-1", "reinit-2", "resurrect-2", "atomic-and-back-1", "resurrect-two-rounds"],
            new Edit(CountWord, "(word + (1L << PhaseShift)) & PhaseMask", "Phase(word)"),
            new Edit(CountWord, "(phase & (PhaseMask >> 1) & PhaseMask) == 0", "phase < 0")),
        new("phase-wrap-without-settlers", "The phase (here of one bit) wraps while a settle of the old one may still run.", "sc",
            ["resurrect-two-rounds", "reinit-1", "resurrect-1", "resurrect-2", "atomic-and-back-1"],
            new Edit(CountWord, "    private const int PhaseBits = 16;", "    private const int PhaseBits = 1;"),
            new Edit(CountWord, "(phase & (PhaseMask >> 1) & PhaseMask) == 0", "phase < 0")),
        new("stripes-zeroed-at-revival", "A revival zeroes the stripes.", "sc",
            ["reinit-1", "resurrect-1", "resurrect-2"],
            new Edit(Revivals, "            if (Has(RefWords.StaysAtomic))\n                PublishFirstBound();", "            PerProcess.Stripes.Clear([StripeLayout.PlaceOf(Number)]);\n            if (Has(RefWords.StaysAtomic))\n                PublishFirstBound();")),
        new("sticky-atomic-unconfirmed", "A reference that stays atomic over its revival keeps an unconfirmed bound.", "sc",
            ["sticky-atomic-reinit"],
            new Edit(Revivals, "            if (Has(RefWords.StaysAtomic))\n                PublishFirstBound();",
                "            if (Has(RefWords.StaysAtomic))\n                Atomic.Exchange(&_words->Bound, CountWord.Unconfirmed | CountWord.Phase(Atomic.LoadAcquire(&_words->Central)));")),
    ];
}
