using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Percpu.Interleavings.Twins;

/// <summary>Compiles the explorer and the shipped source anew, with the edits of a twin, into memory.</summary>
internal sealed class TwinCompiler
{
    private static readonly string[] ImplicitUsings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks"];

    private readonly IReadOnlyDictionary<string, string> _sources;
    private readonly Dictionary<string, SyntaxTree> _trees = [];
    private readonly CSharpCompilation _original;

    internal TwinCompiler(SourceTree tree)
    {
        _sources = tree.Read();
        foreach ((string path, string text) in _sources)
            _trees.Add(path, Parse(text, path));
        _original = CSharpCompilation.Create("Twin", [.. _trees.Values, Usings], Platform, Options);
    }

    internal static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.Preview);

    internal static CSharpCompilationOptions Options { get; } = new(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true,
        nullableContextOptions: NullableContextOptions.Enable, generalDiagnosticOption: ReportDiagnostic.Default);

    /// <summary>What the project file would have the build add.</summary>
    internal static SyntaxTree Usings { get; } =
        Parse(string.Concat(ImplicitUsings.Select(name => $"global using global::{name};\n")), "Usings.cs");

    /// <summary>What this program runs on, but for the assemblies that twins stand in for.</summary>
    internal static IReadOnlyList<MetadataReference> Platform { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("PercpuRef", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>An assembly with the edits, loaded apart from this one.</summary>
    /// <exception cref="TwinOutdatedException">An edit no longer fits, or the result no longer compiles.</exception>
    internal Assembly Compile(Twin twin)
    {
        using var image = new MemoryStream();
        Require(twin.Name, With(twin.Apply(_sources)).Emit(image).Diagnostics);
        image.Position = 0;
        return new AssemblyLoadContext(twin.Name, isCollectible: true).LoadFromStream(image);
    }

    /// <summary>Applies the edits and looks at the edited files alone: some fifty times faster than compiling all of it.</summary>
    /// <exception cref="TwinOutdatedException">An edit no longer fits, or its file no longer compiles.</exception>
    internal void Check(Twin twin)
    {
        List<SyntaxTree> edited = [];
        CSharpCompilation compilation = With(twin.Apply(_sources), edited);
        foreach (SyntaxTree tree in edited)
            Require(twin.Name, compilation.GetSemanticModel(tree).GetDiagnostics());
    }

    /// <summary>The paths of the files that it is compiled from.</summary>
    internal IEnumerable<string> Files => _trees.Keys;

    /// <summary>All of it with other texts of some files, ready to be looked at or emitted.</summary>
    /// <param name="texts">By the file's path. A file that does not exist becomes part of it.</param>
    /// <param name="edited">Takes what was parsed.</param>
    internal CSharpCompilation With(IReadOnlyDictionary<string, string> texts, List<SyntaxTree>? edited = null)
    {
        CSharpCompilation compilation = _original;
        foreach ((string path, string text) in texts)
        {
            SyntaxTree tree = Parse(text, path);
            edited?.Add(tree);
            compilation = _trees.TryGetValue(path, out SyntaxTree? before) ? compilation.ReplaceSyntaxTree(before, tree) : compilation.AddSyntaxTrees(tree);
        }
        return compilation;
    }

    /// <exception cref="TwinOutdatedException">There is an error.</exception>
    internal static void Require(string twin, IEnumerable<Diagnostic> diagnostics)
    {
        Diagnostic[] errors = [.. diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
        if (errors.Length > 0)
            throw new TwinOutdatedException($"Twin '{twin}' does not compile:\n{string.Join('\n', errors.Take(5).Select(error => error.ToString()))}");
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(SourceText.From(text), ParseOptions, path);
}
