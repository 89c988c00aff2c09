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
    private static readonly string[] Friends = ["PercpuRef.Pagemap", "PercpuRef.Unit", "PercpuRef.Torture"];

    private readonly Dictionary<string, string> _sources = [];
    private readonly Dictionary<string, SyntaxTree> _trees = [];
    private readonly CSharpCompilation _counting;
    private readonly CSharpCompilation _pagemap;
    private readonly Lazy<ShippedImages> _original;

    internal ShippedCompiler(SourceTree tree)
    {
        _counting = Prepare(tree, "PercpuRef");
        _pagemap = Prepare(tree, "PercpuRef.Pagemap");
        _original = new Lazy<ShippedImages>(() => Compile(twin: null));
    }

    /// <summary>The source as it is.</summary>
    internal ShippedImages Original => _original.Value;

    /// <summary>Whether a twin edits the shipped source alone, and not the model.</summary>
    internal bool CanCompile(Twin twin) => twin.Edits.All(edit => _sources.ContainsKey(edit.File));

    /// <summary>Compiles both assemblies, with the edits of a twin or without any.</summary>
    /// <exception cref="TwinOutdatedException">An edit no longer fits, or the result no longer compiles.</exception>
    internal ShippedImages Compile(Twin? twin)
    {
        CSharpCompilation counting = _counting, pagemap = _pagemap;
        foreach ((string path, string text) in twin?.Apply(_sources) ?? new Dictionary<string, string>())
        {
            SyntaxTree before = _trees[path], after = Parse(path, text);
            if (counting.ContainsSyntaxTree(before))
                counting = counting.ReplaceSyntaxTree(before, after);
            else
                pagemap = pagemap.ReplaceSyntaxTree(before, after);
        }
        return new ShippedImages(new Dictionary<string, byte[]>
        {
            [$"{counting.AssemblyName}.dll"] = Emit(twin, counting),
            [$"{pagemap.AssemblyName}.dll"] = Emit(twin, pagemap.AddReferences(counting.ToMetadataReference())),
        });
    }

    private static byte[] Emit(Twin? twin, CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        TwinCompiler.Require(twin?.Name ?? "the source as it is", compilation.Emit(image).Diagnostics);
        return image.ToArray();
    }

    private CSharpCompilation Prepare(SourceTree tree, string project)
    {
        string attributes = string.Concat(Friends.Select(friend => $"[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"{friend}\")]\n"))
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
    private static string WithoutGenerator(string path, string text) => !path.Contains("/Seam/", StringComparison.Ordinal) ? text : text
        .Replace("[LibraryImport(", "[DllImport(", StringComparison.Ordinal)
        .Replace(", StringMarshalling = StringMarshalling.Utf8", "", StringComparison.Ordinal)
        .Replace("private static partial ", "private static extern ", StringComparison.Ordinal);
}
