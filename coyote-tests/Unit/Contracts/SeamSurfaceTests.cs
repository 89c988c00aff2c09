using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>The two other seams, the explorer's and the one for users' tests under Coyote, have whatever the shipped one has: a new member
/// needs three versions, or two where these share one.</summary>
public sealed class SeamSurfaceTests
{
    private const string Explorer = "coyote-tests/Interleavings/Seam", Coyote = "src/PercpuRef.Coyote/Seam", Shared = "src/Seam";

    // What the explorer does without, since its own FileMapping has no files: what is asked of them. Tests name PteScan's parts.
    private static readonly string[] OnlyShipped = ["SharedFile", "FileStatus", "PteScan"];

    [Theory]
    [InlineData(Explorer)]
    [InlineData(Coyote)]
    public void Every_member_of_the_shipped_seam_has_a_counterpart(string seam)
    {
        Dictionary<string, HashSet<string>> other = Members(((string[])[seam, Shared]).SelectMany(folder => Directory.EnumerateFiles(Repository.At(folder), "*.cs", SearchOption.AllDirectories)));
        string[] left = seam == Coyote ? [] : OnlyShipped;
        var missing = new List<string>();
        foreach ((string type, HashSet<string> members) in Members(Shipped(seam)))
        {
            if (left.Contains(type))
                continue;
            if (other.TryGetValue(type, out HashSet<string>? have))
                missing.AddRange(members.Except(have).Select(member => $"{type}.{member}"));
            else
                missing.Add(type);
        }
        Assert.True(missing.Count == 0, $"{seam} lacks what the shipped seam has; give it a version of each: {string.Join(", ", missing)}");
    }

    /// <summary>What is shared asks the conductor, and each of the two is asked the same.</summary>
    [Fact]
    public void Both_conductors_answer_what_the_shared_seam_asks()
    {
        HashSet<string>[] conductors = [.. ((string[])[Explorer, Coyote]).Select(seam => Members([Path.Combine(Repository.At(seam), "Conducted.cs")])["Conducted"])];
        Assert.NotEmpty(conductors[0]);
        Assert.Equal(conductors[0].Order(), conductors[1].Order());
    }

    private static IEnumerable<string> Shipped(string seam) => ((string[])["src/PercpuRef", "src/PercpuRef.Pagemap"])
        .Where(project => seam == Explorer || project == "src/PercpuRef")
        .SelectMany(project => Directory.EnumerateFiles(Repository.At(project), "*.cs", SearchOption.AllDirectories))
        .Where(file => file.Split(Path.DirectorySeparatorChar) is var path && path.Contains("Seam") && !path.Contains("Rseq"))
        .Where(file => seam == Explorer || !CompiledByCoyote.Value.Contains(Path.GetFileName(file)));

    // The files of the shipped seam that the other project compiles as they are.
    private static readonly Lazy<HashSet<string>> CompiledByCoyote = new(() =>
        [.. XDocument.Load(Repository.At("src/PercpuRef.Coyote/PercpuRef.Coyote.csproj")).Descendants("Compile")
            .SelectMany(item => item.Attribute("Include")!.Value.Split(';')).Where(path => path.Contains("/Seam/", StringComparison.Ordinal) && !path.Contains('*', StringComparison.Ordinal))
            .Select(path => Path.GetFileName(path))]);

    /// <summary>The machine code of sections is behind PerCpu, of which each seam has a version.</summary>
    [Fact]
    public void Nothing_but_the_per_cpu_seam_names_a_type_of_its_sections()
    {
        string[] sources = [.. Directory.EnumerateFiles(Repository.At("src/PercpuRef"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))];
        string[] types = [.. Members(sources.Where(file => file.Contains("Rseq", StringComparison.Ordinal))).Keys];
        Assert.NotEmpty(types);
        IEnumerable<string> others = sources
            .Where(file => !file.Contains("Rseq", StringComparison.Ordinal) && Path.GetFileName(file) != "PerCpu.cs")
            .Where(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<IdentifierNameSyntax>()
                .Any(name => types.Contains(name.Identifier.ValueText)));
        Assert.Empty(others);
    }

    private static Dictionary<string, HashSet<string>> Members(IEnumerable<string> files)
    {
        var found = new Dictionary<string, HashSet<string>>();
        foreach (string file in files)
        {
            foreach (TypeDeclarationSyntax type in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>().Where(type => type.Parent is not TypeDeclarationSyntax))
            {
                if (!found.TryGetValue(type.Identifier.ValueText, out HashSet<string>? members))
                    found.Add(type.Identifier.ValueText, members = []);
                members.UnionWith(type.Members.Where(IsInternal).SelectMany(Names));
            }
        }
        return found;
    }

    private static bool IsInternal(MemberDeclarationSyntax member) =>
        member is not TypeDeclarationSyntax && member.Modifiers.Any(SyntaxKind.InternalKeyword);

    private static IEnumerable<string> Names(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => [method.Identifier.ValueText],
        PropertyDeclarationSyntax property => [property.Identifier.ValueText],
        FieldDeclarationSyntax field => field.Declaration.Variables.Select(variable => variable.Identifier.ValueText),
        _ => [],
    };
}
