namespace Percpu.Interleavings.Running;

/// <summary>All scenarios of this assembly, found by their type.</summary>
internal static class ScenarioCatalog
{
    internal static IReadOnlyList<Scenario> All { get; } = [.. Find().OrderBy(scenario => scenario.Name, StringComparer.Ordinal)];

    internal static Scenario Find(string name) =>
        All.FirstOrDefault(scenario => scenario.Name == name) ?? throw new ArgumentException($"No scenario '{name}'; --list shows them.", nameof(name));

    private static IEnumerable<Scenario> Find()
    {
        foreach (Type type in typeof(ScenarioCatalog).Assembly.GetTypes())
        {
            if (type.IsAbstract || type.IsNested || !type.IsSubclassOf(typeof(Scenario)))
                continue;
            var sizes = (SizesAttribute?)Attribute.GetCustomAttribute(type, typeof(SizesAttribute));
            if (sizes is null)
                yield return (Scenario)Activator.CreateInstance(type)!;
            foreach (int size in sizes?.Sizes ?? [])
                yield return (Scenario)Activator.CreateInstance(type, size)!;
        }
    }
}
