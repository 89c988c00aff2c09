namespace Percpu.Results;

/// <summary>A file as it should be.</summary>
/// <param name="Root">The repository.</param>
/// <param name="Path">In the repository, with slashes.</param>
/// <param name="Text">What should stand in it.</param>
internal sealed record Document(string Root, string Path, string Text)
{
    private string FullPath => System.IO.Path.Combine(Root, Path);

    internal bool IsOutdated => !File.Exists(FullPath) || File.ReadAllText(FullPath).ReplaceLineEndings("\n") != Text;

    internal void Write()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(FullPath)!);
        File.WriteAllText(FullPath, Text);
    }
}
