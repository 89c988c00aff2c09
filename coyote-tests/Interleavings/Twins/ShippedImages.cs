namespace Percpu.Interleavings.Twins;

/// <summary>The shipped assemblies as bytes, made once for every layer that runs them.</summary>
/// <param name="Files">By the name of the file.</param>
internal sealed record ShippedImages(IReadOnlyDictionary<string, byte[]> Files)
{
    /// <summary>Puts them into a folder in place of those there.</summary>
    internal void WriteTo(string folder)
    {
        foreach ((string name, byte[] image) in Files)
            File.WriteAllBytes(Path.Combine(folder, name), image);
    }
}
