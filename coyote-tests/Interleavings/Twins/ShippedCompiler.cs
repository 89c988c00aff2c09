using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Percpu.Interleavings.Twins;

/// <summary>
/// Compiles the shipped assemblies anew, with their own seam and the edits of a twin, for programs that run on real threads.
/// </summary>
internal sealed class ShippedCompiler
{
    private static readonly string[] Friends = ["PercpuRef.Pagemap", "PercpuRef.Unit", "PercpuRef.Hosts", "PercpuRef.Torture", "PercpuRef.Scenarios"];

    private readonly Dictionary<string, string> _sources = [];
    private readonly Dictionary<string, SyntaxTree> _trees = [];
    private readonly CSharpCompilation _counting;
    private readonly CSharpCompilation[] _others;
    private readonly Lazy<ShippedImages> _original;

    /// <param name="tree">Where the source is.</param>
    /// <param name="more">Other projects of src. What their packages need must be among what this program runs on.</param>
    internal ShippedCompiler(SourceTree tree, params string[] more)
    {
        _counting = Prepare(tree, "PercpuRef", [.. Friends, .. more]);
        _others = [.. more.Prepend("PercpuRef.Pagemap").Select(project => Prepare(tree, project, Friends))];
        _original = new Lazy<ShippedImages>(() => Compile(twin: null));
    }

    /// <summary>The source as it is.</summary>
    internal ShippedImages Original => _original.Value;

    /// <summary>Whether a twin edits the shipped source alone, and not the model.</summary>
    internal bool CanCompile(Twin twin) => twin.Edits.All(edit => _sources.ContainsKey(edit.File));

    /// <summary>Compiles all assemblies, with the edits of a twin or without any.</summary>
    /// <exception cref="TwinOutdatedException">An edit no longer fits, or the result no longer compiles.</exception>
    internal ShippedImages Compile(Twin? twin)
    {
        string name = twin?.Name ?? "the source as it is";
        return Emit(name, With(twin?.Apply(_sources) ?? new Dictionary<string, string>()));
    }

    /// <summary>Every shipped file as it was parsed, by its path below the root.</summary>
    internal IReadOnlyDictionary<string, SyntaxTree> Trees => _trees;

    /// <summary>All assemblies with other texts of some files, ready to be looked at or emitted; PercpuRef comes first.</summary>
    /// <param name="texts">By the file's path. A file that does not exist becomes part of PercpuRef.</param>
    internal IReadOnlyList<CSharpCompilation> With(IReadOnlyDictionary<string, string> texts)
    {
        CSharpCompilation counting = _counting;
        CSharpCompilation[] others = [.. _others];
        foreach ((string path, string text) in texts)
        {
            SyntaxTree after = Parse(path, text);
            if (!_trees.TryGetValue(path, out SyntaxTree? before))
                counting = counting.AddSyntaxTrees(after);
            else if (counting.ContainsSyntaxTree(before))
                counting = counting.ReplaceSyntaxTree(before, after);
            else if (Array.FindIndex(others, other => other.ContainsSyntaxTree(before)) is var at)
                others[at] = others[at].ReplaceSyntaxTree(before, after);
        }
        MetadataReference library = counting.ToMetadataReference();
        return [counting, .. others.Select(other => other.AddReferences(library))];
    }

    /// <exception cref="TwinOutdatedException">There is an error.</exception>
    internal static ShippedImages Emit(string name, IEnumerable<CSharpCompilation> compilations) =>
        new(compilations.ToDictionary(compilation => $"{compilation.AssemblyName}.dll", compilation => Emit(name, compilation)));

    private static byte[] Emit(string name, CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        TwinCompiler.Require(name, compilation.Emit(image).Diagnostics);
        return image.ToArray();
    }

    private CSharpCompilation Prepare(SourceTree tree, string project, IEnumerable<string> friends)
    {
        string attributes = string.Concat(friends.Select(friend => $"[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"{friend}\")]\n"))
            + $"[assembly: System.Reflection.AssemblyVersion(\"{typeof(ShippedCompiler).Assembly.GetName().Version}\")]\n";
        List<SyntaxTree> trees = [TwinCompiler.Usings, Parse("Attributes.cs", attributes)];
        foreach ((string path, string text) in tree.ReadShipped(project))
        {
            _sources.Add(path, text);
            trees.Add(_trees[path] = Parse(path, text));
        }
        return CSharpCompilation.Create(project, trees, TwinCompiler.Platform, TwinCompiler.Options);
    }

    private static SyntaxTree Parse(string path, string text) =>
        CSharpSyntaxTree.ParseText(SourceText.From(WithoutGenerator(path, text)), TwinCompiler.ParseOptions, path);

    // The compiler alone runs no source generator. Imports of the runtime's own kind do: none marshals more than a string.
    private static string WithoutGenerator(string path, string text) => !text.Contains("[LibraryImport(", StringComparison.Ordinal) ? text : text
        .Replace("[LibraryImport(", "[DllImport(", StringComparison.Ordinal)
        .Replace(", StringMarshalling = StringMarshalling.Utf8", "", StringComparison.Ordinal)
        .Replace("private static partial ", "private static extern ", StringComparison.Ordinal);
}
