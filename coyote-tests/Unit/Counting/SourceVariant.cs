using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>
/// The source of the Memory and Counting layers, or of all, compiled anew with a few words changed (a counter, an injected
/// failure, a shorter phase), together with a driver that uses it: for what cannot be seen or provoked in the shipped assembly.
/// </summary>
internal static class SourceVariant
{
    private const string GlobalUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks;
        """;

    private static readonly string[] LowerLayers = ["src/PercpuRef/Memory", "src/PercpuRef/Counting"];
    private static readonly string[] AllLayers = ["src/PercpuRef", "src/PercpuRef.Pagemap"];

    /// <summary>Compiles a variant together with the file of a class in <c>Drivers</c>, and gives that class of it. Each change must find its text exactly once.</summary>
    internal static Type Compile(Type driver, (string File, string Text, string Replacement)[] changes, params string[] extraFiles)
    {
        IEnumerable<string> files = SourceFiles(LowerLayers).Concat([$"coyote-tests/Unit/Counting/Drivers/{driver.Name}.cs", .. extraFiles]);
        return Load(Trees(files.Select(Repository.At), changes), static compilation => compilation).GetType(driver.FullName!, throwOnError: true)!;
    }

    /// <summary>Both assemblies' source as one assembly, with the source files of a folder of tests, of which it gives a class. What it is
    /// compiled from may be rewritten before.</summary>
    internal static Type CompileAll(
        string folder, string type, string[] extraFiles, Func<CSharpCompilation, CSharpCompilation> rewrite, params (string File, string Text, string Replacement)[] changes)
    {
        IEnumerable<SyntaxTree> driver = SourceFiles([folder]).Concat(extraFiles.Select(Repository.At)).Where(file => !file.EndsWith("Tests.cs", StringComparison.Ordinal) && !file.EndsWith("Points.cs", StringComparison.Ordinal))
            .Select(file => Parse(File.ReadAllText(file), file));
        return Load([.. Trees(SourceFiles(AllLayers), changes), .. driver], rewrite).GetType(type, throwOnError: true)!;
    }

    private static List<SyntaxTree> Trees(IEnumerable<string> files, (string File, string Text, string Replacement)[] changes)
    {
        List<SyntaxTree> trees = [Parse(GlobalUsings, "GlobalUsings.cs")];
        int applied = 0;
        foreach (string file in files)
        {
            string source = Repository.ReadSource(file);
            foreach ((string _, string text, string replacement) in changes.Where(change => change.File == Path.GetFileName(file)))
            {
                SkipWhenOther(source.Split(text).Length != 2);
                Assert.Equal(2, source.Split(text).Length);
                source = source.Replace(text, replacement, StringComparison.Ordinal);
                applied++;
            }
            trees.Add(Parse(WithoutGenerators(source), file));
        }
        Assert.Equal(changes.Length, applied);
        return trees;
    }

    /// <summary>Calls a method of a driver.</summary>
    internal static object? Run(this Type driver, string method = "Run", params object[] arguments) => driver.GetMethod(method)!.Invoke(null, arguments);

    private static IEnumerable<string> SourceFiles(string[] folders) => folders.SelectMany(folder =>
        Directory.EnumerateFiles(Repository.At(folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    // The compiler alone runs no source generator: plain imports do, without a marshalled bool.
    private static string WithoutGenerators(string source) => source
        .Replace("[LibraryImport(", "[DllImport(", StringComparison.Ordinal)
        .Replace(", StringMarshalling = StringMarshalling.Utf8", "", StringComparison.Ordinal) // What Unix takes anyway.
        .Replace("private static partial ", "private static extern ", StringComparison.Ordinal)
        .Replace("EventSourceName = \"Percpu\"", $"EventSourceName = \"Percpu-Variant-{Guid.NewGuid():N}\"", StringComparison.Ordinal);

    private static SyntaxTree Parse(string source, string path) =>
        CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest), path);

    // Where another file stands in place of one: what does not fit it says nothing of what it does.
    private static void SkipWhenOther(bool fails) => Assert.SkipWhen(fails && Repository.OtherSource is not null, "The words that are changed here do not fit the other file.");

    private static Assembly Load(List<SyntaxTree> trees, Func<CSharpCompilation, CSharpCompilation> rewrite)
    {
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        var compilation = CSharpCompilation.Create(
            "PercpuRef.Variant", trees,
            platform.Split(Path.PathSeparator)
                .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal)
                    || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal)))
                .Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult result = rewrite(compilation).Emit(image);
        SkipWhenOther(!result.Success);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        image.Position = 0;
        return new AssemblyLoadContext("variant").LoadFromStream(image);
    }
}
