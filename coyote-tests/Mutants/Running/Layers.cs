using System.Text.RegularExpressions;
using Percpu.Interleavings.Twins;

namespace Percpu.Mutants.Running;

/// <summary>Which tests stand nearest to a layer.</summary>
internal static class Layers
{
    private const string Unit = "Percpu.Unit", Hosts = "Percpu.HostTests";

    /// <summary>Namespaces of tests that --all-tests adds. Those that run programs or look at sources are not among them.</summary>
    internal static IReadOnlyList<string> Rest { get; } =
        Of("Memory", "Counting", "Epochs", "Buffers", "Waits", "Inspecting", "Failures", "Frames", "Pagemaps", "Devices", "Gup", "Hmm", "Media", "Examples");

    /// <summary>Namespaces of tests; their namespaces of namespaces belong to them.</summary>
    internal static IReadOnlyList<string> TestsOf(string layer) => layer switch
    {
        // It has few tests of its own: what stands on it first tests it, too.
        "Memory" => Of("Memory", "Counting", "Waits", "Inspecting", "Failures"),
        // Among those of Memory are the tests of explicit threads, which all of these have overloads for.
        "Counting" => Of("Counting", "Inspecting", "Waits", "Memory", "Failures"),
        "Epochs" or "Buffers" => Of(layer, "Inspecting", "Memory", "Failures"),
        "Pagemaps" or "Frames" => Of("Pagemaps", "Frames", "Devices"),
        "Gup" or "Hmm" => Of("Gup", "Hmm"),
        "Devices" or "Media" => Of("Devices", "Media"),
        "Interleavings" => Of("Explorer"),
        "Lucene" or "Arrow" => [$"{Hosts}.{layer}"],
        _ => [],
    };

    /// <summary>The test classes that compile the source of a layer themselves, and so meet no mutant in the shipped assemblies.</summary>
    internal static IReadOnlyList<string> ClassesOverSource(string layer) => layer switch
    {
        "Memory" or "Counting" => [.. OverSource],
        "Epochs" or "Buffers" or "Pagemaps" or "Frames" or "Gup" or "Hmm" or "Devices" or "Media" => [.. OverSource.Where(name => name.StartsWith($"{Unit}.Failures.", StringComparison.Ordinal))],
        _ => [],
    };

    /// <summary>All of these.</summary>
    internal static IReadOnlyList<string> OverSource { get; } =
    [
        $"{Unit}.Counting.FenceCountTests", $"{Unit}.Counting.NoMemoryTests", $"{Unit}.Counting.SmallPhaseTests",
        $"{Unit}.Failures.InjectedFailureTests", $"{Unit}.Failures.Shortages.EveryShortageTests",
    ];

    /// <summary>The test project, by its folder in coyote-tests, that has a namespace or a class.</summary>
    internal static string ProjectOf(string name) => name.StartsWith(Hosts + ".", StringComparison.Ordinal) ? "Hosts" : "Unit";

    /// <summary>Whether a test project has a class of this full name.</summary>
    internal static bool HasTestClass(SourceTree tree, string name)
    {
        int dot = name.LastIndexOf('.');
        string folder = Path.Combine(tree.Root, "coyote-tests", ProjectOf(name));
        return dot > 0 && Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any(file =>
            File.ReadAllText(file) is var text && text.Contains($"namespace {name[..dot]};", StringComparison.Ordinal)
            && Regex.IsMatch(text, $@"\bclass {Regex.Escape(name[(dot + 1)..])}\b"));
    }

    private static string[] Of(params string[] spaces) => [.. spaces.Select(space => $"{Unit}.{space}")];
}
