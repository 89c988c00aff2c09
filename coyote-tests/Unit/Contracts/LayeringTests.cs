using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>A layer is the folder below its project. Each may use only itself and those above it in the list.</summary>
public sealed class LayeringTests
{
    private static readonly Dictionary<string, int> Ranks = new()
    {
        ["src/PercpuRef/Memory"] = 0,
        ["src/PercpuRef/Epochs"] = 1,
        ["src/PercpuRef/Counting"] = 2,
        ["src/PercpuRef/Buffers"] = 3,
        ["src/PercpuRef.Pagemap/Frames"] = 4,
        ["src/PercpuRef.Pagemap/Pagemaps"] = 4,
        ["src/PercpuRef.Pagemap/Media"] = 4,
        ["src/PercpuRef.Pagemap/Devices"] = 5,
        ["src/PercpuRef.Pagemap/Gup"] = 6,
        ["src/PercpuRef.Pagemap/Hmm"] = 7,
    };

    /// <summary>Packages for one host each, with what they depend on. They use what any user can, and nothing of Pagemap.</summary>
    private static readonly Dictionary<string, string[]> Hosts = new()
    {
        ["src/PercpuRef.Lucene"] = ["Lucene.Net", "J2N"],
        ["src/PercpuRef.Arrow"] = ["Apache.Arrow"],
    };

    /// <summary>All that may depend on a package: the hosts' and the seam for users' tests, which is made of Coyote.</summary>
    private static readonly Dictionary<string, string[]> Packages = new(Hosts) { ["src/PercpuRef.Coyote"] = ["Microsoft.Coyote.Test"] };

    [Fact]
    public void Every_source_file_belongs_to_a_layer() =>
        Assert.DoesNotContain(Repository.Trees, tree => !Ranks.ContainsKey(LayerOf(tree)) && !Hosts.ContainsKey(LayerOf(tree)));

    [Fact]
    public void A_layer_uses_only_the_layers_above_it()
    {
        Compilation compilation = Snippets.Compile("", OutputKind.DynamicallyLinkedLibrary).AddSyntaxTrees(Repository.Trees);
        var violations = new List<string>();
        int looked = 0;
        foreach (SyntaxTree tree in Repository.Trees)
        {
            SemanticModel model = compilation.GetSemanticModel(tree);
            foreach (SimpleNameSyntax name in tree.GetRoot(TestContext.Current.CancellationToken).DescendantNodes().OfType<SimpleNameSyntax>())
            {
                SymbolInfo info = model.GetSymbolInfo(name, TestContext.Current.CancellationToken);
                if ((info.Symbol ?? info.CandidateSymbols.FirstOrDefault()) is not { } symbol || symbol.Kind == SymbolKind.Namespace)
                    continue;
                // From source: the compiled library, which stands behind it as a reference, never wins over it.
                foreach (SyntaxReference declaration in symbol.OriginalDefinition.DeclaringSyntaxReferences)
                {
                    looked++;
                    if (!MayUse(LayerOf(tree), LayerOf(declaration.SyntaxTree), symbol))
                        violations.Add($"{Repository.Place(tree, name.Span)}: {symbol.ToDisplayString()} of {LayerOf(declaration.SyntaxTree)}");
                }
            }
        }
        Assert.True(violations.Count == 0, string.Join('\n', violations.Distinct()));
        Assert.True(looked > 1_000, $"Only {looked} names were resolved: the test has gone blind.");
    }

    [Fact]
    public void The_library_references_no_package_and_nothing_but_the_runtime()
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        Assembly[] assemblies = [typeof(PercpuRef).Assembly, typeof(Pagemap.PagemapTable).Assembly];
        foreach (Assembly assembly in assemblies)
        {
            foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
            {
                Assembly loaded = Assembly.Load(reference);
                Assert.True(Path.GetDirectoryName(loaded.Location) == runtime || (assembly == assemblies[1] && loaded == assemblies[0]), $"{assembly} references {loaded}.");
            }
        }
        foreach (string file in Directory.EnumerateFiles(Repository.At("src"), "*.*proj", SearchOption.AllDirectories).Append(Repository.At("src/Directory.Build.props")).Append(Repository.At("Directory.Build.props")))
        {
            string[] own = Packages.GetValueOrDefault($"src/{Path.GetFileNameWithoutExtension(file)}", []);
            Assert.All(XDocument.Load(file).Descendants("PackageReference"), package =>
                Assert.True(own.Contains((string?)package.Attribute("Include")) || (string?)package.Attribute("PrivateAssets") == "all", $"{file}: {package}"));
        }
    }

    private static bool MayUse(string user, string used, ISymbol symbol) => Hosts.ContainsKey(user)
        ? used == user || (Ranks.TryGetValue(used, out int rank) && rank <= Ranks["src/PercpuRef/Buffers"] && IsPublic(symbol))
        : Ranks.TryGetValue(used, out int below) && below <= Ranks[user];

    private static bool IsPublic(ISymbol symbol) =>
        symbol is ITypeParameterSymbol or IParameterSymbol
        || (symbol.DeclaredAccessibility == Accessibility.Public && (symbol.ContainingType is null || IsPublic(symbol.ContainingType)));

    private static string LayerOf(SyntaxTree tree)
    {
        string[] parts = tree.FilePath.Split('/');
        string project = string.Join('/', parts.Take(2));
        return Hosts.ContainsKey(project) ? project : string.Join('/', parts.Take(3));
    }
}
