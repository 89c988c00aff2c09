namespace Percpu.Mutants.Building;

/// <summary>The source of <see cref="Switch"/>, as it becomes part of PercpuRef.</summary>
internal static class SwitchSource
{
    private const string File = "Switch.cs", NoMutant = "Count = 0;";

    private static readonly Lazy<string> Source = new(Read);

    /// <summary>Path and text of the file that chooses among so many mutants.</summary>
    internal static (string Path, string Text) Of(int count) => ($"src/PercpuRef/Mutants/{File}", Source.Value.Replace(NoMutant, $"Count = {count};", StringComparison.Ordinal));

    /// <summary>What stands in a condition.</summary>
    internal static string IsActive(int number) => $"global::{typeof(Switch).FullName}.{nameof(Switch.Is)}({number})";

    private static string Read()
    {
        using var reader = new StreamReader(typeof(SwitchSource).Assembly.GetManifestResourceStream(File)!);
        string text = reader.ReadToEnd();
        return text.Contains(NoMutant, StringComparison.Ordinal) ? text : throw new InvalidDataException($"{File} has no '{NoMutant}'.");
    }
}
