using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Percpu.Unit.Support;

/// <summary>For tests about the source itself.</summary>
internal static partial class Repository
{
    private static readonly Lazy<IReadOnlyList<SyntaxTree>> Sources = new(Parse);

    /// <summary>The shipped source, without the other seam under which PercpuRef.Coyote compiles it and without the explorer, each tree with its path relative to the repository, with slashes.</summary>
    internal static IReadOnlyList<SyntaxTree> Trees => Sources.Value;

    /// <summary>The line of a place in a tree, as compilers write it.</summary>
    internal static string Place(SyntaxTree tree, Microsoft.CodeAnalysis.Text.TextSpan span) =>
        $"{tree.FilePath}({tree.GetLineSpan(span).StartLinePosition.Line + 1})";

    private static SyntaxTree[] Parse()
    {
        string separator = Path.DirectorySeparatorChar.ToString();
        return [.. Directory.EnumerateFiles(At("src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RootFolder.Value, path).Replace(separator, "/", StringComparison.Ordinal))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
                && !path.StartsWith("src/PercpuRef.Coyote/", StringComparison.Ordinal) && !path.StartsWith("src/PercpuRef.Interleavings/", StringComparison.Ordinal)
                && !path.StartsWith("src/Seam/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(At(path)), CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest), path))];
    }
}
