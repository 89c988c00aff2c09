namespace Percpu.Unit.Support;

internal static partial class OpenFiles
{
    /// <summary>Fails if a mapping or a file descriptor of a file is left.</summary>
    internal static void AssertNothingLeft(string path)
    {
        Assert.Empty(Mappings(path)); // The failure tells which.
        Assert.Equal(0, DescriptorsOf(path));
    }
}
