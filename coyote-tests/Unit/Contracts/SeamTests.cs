using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>Outside the folders named Seam no file touches shared words, locks or waits by itself. The analyzer of banned
/// symbols sees calls; these tests see what it does not.</summary>
public sealed class SeamTests
{
    [Fact]
    public void Nobody_switches_the_analyzer_off_outside_the_seam_and_no_code_is_conditional()
    {
        var found = new List<string>();
        foreach (SyntaxTree tree in Repository.Trees)
        {
            foreach (SyntaxTrivia trivia in tree.GetRoot(TestContext.Current.CancellationToken).DescendantTrivia(descendIntoTrivia: true))
            {
                bool forbidden = trivia.GetStructure() switch
                {
                    PragmaWarningDirectiveTriviaSyntax pragma => !IsSeam(tree) && pragma.ToString().Contains("RS0030", StringComparison.Ordinal),
                    IfDirectiveTriviaSyntax => true,
                    _ => false,
                };
                if (forbidden)
                    found.Add(Repository.Place(tree, trivia.Span));
            }
        }
        Assert.Empty(found);
        Assert.DoesNotContain(Repository.Trees, tree => !IsSeam(tree) && tree.ToString().Contains("RS0030", StringComparison.Ordinal));
        Assert.DoesNotContain("RS0030", File.ReadAllText(Repository.At(".editorconfig")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_analyzer_of_banned_symbols_and_its_list_are_wired_for_every_shipped_project()
    {
        XDocument props = XDocument.Load(Repository.At("src/Directory.Build.props"));
        Assert.Contains(props.Descendants("PackageReference"), package => (string?)package.Attribute("Include") == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
        Assert.Contains(props.Descendants("AdditionalFiles"), file => ((string?)file.Attribute("Include"))!.EndsWith("BannedSymbols.txt", StringComparison.Ordinal));
        Assert.DoesNotContain(props.Descendants("NoWarn"), noWarn => noWarn.Value.Contains("RS0030", StringComparison.Ordinal));

        string[] banned = File.ReadAllLines(Repository.At("src/BannedSymbols.txt"));
        foreach (string symbol in (string[])["T:System.Threading.Volatile;", "T:System.Threading.Interlocked;", "T:System.Threading.Monitor;", "T:System.Threading.Lock;", "M:System.Threading.Thread.MemoryBarrier;", "M:System.Threading.Tasks.Task.Wait;"])
            Assert.Contains(banned, line => line.StartsWith(symbol, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_banned_symbol_exists()
    {
        Compilation compilation = Snippets.Compile("", OutputKind.DynamicallyLinkedLibrary);
        Assert.All(File.ReadAllLines(Repository.At("src/BannedSymbols.txt")), line =>
            Assert.NotEmpty(DocumentationCommentId.GetSymbolsForDeclarationId(line.Split(';')[0], compilation)));
    }

    private static bool IsSeam(SyntaxTree tree) => tree.FilePath.Contains("/Seam/", StringComparison.Ordinal);
}
