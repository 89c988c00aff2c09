using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Percpu.Unit.Support;

/// <summary>Compiles C# text against the library, in memory.</summary>
internal static class Snippets
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks;
        """;

    private const string LibraryUsings = "using Percpu; using Percpu.Buffers; using Percpu.Pagemap;";

    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location))
            .Append(typeof(PercpuRef).Assembly.Location)
            .Append(typeof(Pagemap.PagemapTable).Assembly.Location)
            .Append(typeof(Interleavings.AtomicLong).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path))]);

    /// <summary>The ids of the errors in statements that have an <c>EpochDomain domain</c> at hand.</summary>
    internal static string[] ErrorsInAsyncMethod(string statements) =>
        ErrorsInFile($"class Frame {{ static void Use() {{ }} async Task Run(EpochDomain domain) {{ {statements} }} }}");

    internal static string[] ErrorsInFile(string types) =>
        [.. Errors(Compile(LibraryUsings + types, OutputKind.DynamicallyLinkedLibrary)).Select(error => error.Id)];

    /// <summary>A compilation with the implicit usings of a new project.</summary>
    internal static CSharpCompilation Compile(string text, OutputKind kind, string name = "Snippet")
    {
        CSharpParseOptions parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        return CSharpCompilation.Create(
            name,
            [CSharpSyntaxTree.ParseText(Usings, parse), CSharpSyntaxTree.ParseText(text, parse)],
            References.Value,
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true, optimizationLevel: OptimizationLevel.Release));
    }

    /// <summary>Emits to nowhere: some errors only come with the emit.</summary>
    internal static Diagnostic[] Errors(CSharpCompilation compilation) =>
        [.. compilation.Emit(Stream.Null).Diagnostics.Where(each => each.Severity == DiagnosticSeverity.Error)];
}
