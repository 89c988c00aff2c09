namespace Percpu.Interleavings.Twins;

// Twins of stripes per CPU. With stripes per thread they are as right as the source.
internal static partial class TwinCatalog
{
    private const string Sections = "coyote-tests/Interleavings/Seam/PerCpu.cs";

    private static IEnumerable<Twin> PerCpu =>
    [
        new("section-goes-on", "A section goes on, and adds to what it has read, though another thread ran on its processor meanwhile: no section at all.", "sc-cpu",
            ["section-kill", "tryget-live-kill-2"],
            new Edit(Sections, "restartsWhenMoved: true", "restartsWhenMoved: false")),
        new("section-kept-over-fence", "A section goes on over the fence, with the mode that it loaded before.", "sc-cpu",
            ["tryget-live-kill-1", "section-kill"],
            new Edit(Sections, "restartsWhenFenced: true", "restartsWhenFenced: false")),
        new("no-section-fence", "The kill has a process-wide fence only, which restarts no section.", "sc-cpu",
            ["tryget-live-kill-1", "section-kill"],
            new Edit(Switching, "PerCpu.Fence(); if (!announced) return;", "")),
        new("no-section-fence-batch", "The batch kill has a process-wide fence only.", "sc-cpu",
            ["kill-all-one-visit"],
            new Edit(Batch, "FenceCounts(announced);", "Atomic.ProcessWideFence();")),
        new("processors-not-scanned", "A kill scans the stripes of threads, in which nobody counts.", "sc-cpu",
            ["tryget-live-kill-1", "section-kill"],
            new Edit(Scanning, "long sum = 0; foreach (AreaWalk.Bank bank in _counts.Walk())", "long sum = 0; foreach (AreaWalk.Bank bank in _banks.Walk())")),
    ];
}
