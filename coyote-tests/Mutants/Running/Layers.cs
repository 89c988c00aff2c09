namespace Percpu.Mutants.Running;

/// <summary>Which tests stand nearest to a layer.</summary>
internal static class Layers
{
    /// <summary>Namespaces of tests below <c>Percpu.Unit</c> that --all-tests adds. Those that run programs or look at sources are not among them.</summary>
    internal static IReadOnlyList<string> Rest { get; } =
        ["Memory", "Counting", "Epochs", "Buffers", "Waits", "Inspecting", "Failures", "Frames", "Pagemaps", "Devices", "Gup", "Hmm", "Media", "Examples"];

    internal static IReadOnlyList<string> TestsOf(string layer) => layer switch
    {
        // It has few tests of its own: what stands on it first tests it, too.
        "Memory" => ["Memory", "Counting", "Waits"],
        "Counting" => ["Counting", "Inspecting"],
        "Frames" => ["Frames", "Pagemaps"],
        "Gup" => ["Gup", "Devices"],
        "Epochs" or "Buffers" or "Pagemaps" or "Devices" or "Hmm" or "Media" => [layer],
        _ => [],
    };
}
