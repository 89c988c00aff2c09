namespace Percpu.Interleavings.Model;

/// <summary>What checked code knows about the names and values of its own words.</summary>
internal abstract class WordNaming
{
    /// <summary>The name of an address inside a thing that the scenario has named, or null.</summary>
    internal abstract string? FieldOf(object thing, long address);

    /// <summary>The name of an address that belongs to no such thing, or null.</summary>
    internal abstract string? NameOf(Execution execution, long address);

    /// <summary>A value in the form that the word of this name has, or null.</summary>
    internal abstract string? ValueOf(string name, long value);
}
