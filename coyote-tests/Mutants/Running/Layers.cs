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
        "Memory" => ["Memory", "Counting", "Waits", "Inspecting"],
        // Among those of Memory are the tests of explicit threads, which all of these have overloads for.
        "Counting" => ["Counting", "Inspecting", "Waits", "Memory"],
        "Epochs" or "Buffers" => [layer, "Inspecting", "Memory"],
        "Pagemaps" or "Frames" => ["Pagemaps", "Frames", "Devices"],
        "Gup" or "Hmm" => ["Gup", "Hmm"],
        "Devices" or "Media" => ["Devices", "Media"],
        _ => [],
    };
}
