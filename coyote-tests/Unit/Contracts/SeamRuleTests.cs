using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>What the banned-symbol analyzer does not see: keywords that stand for what the seam must do.</summary>
public sealed class SeamRuleTests
{
    [Fact]
    public void No_source_outside_the_seam_locks_or_has_a_volatile_field()
    {
        string[] files = [.. Directory.EnumerateFiles(Repository.At("src"), "*.cs", SearchOption.AllDirectories).Where(IsOutsideSeam)];
        Assert.True(files.Length > 20, $"Only {files.Length} files were found.");
        Assert.Empty(files.SelectMany(file => Violations(File.ReadAllText(file), file)));
    }

    [Theory]
    [InlineData("class C { object o = new(); void M() { lock (o) { } } }", 1)]
    [InlineData("class C { volatile int x; }", 1)]
    [InlineData("class C { [MethodImpl(MethodImplOptions.Synchronized)] void M() { } }", 1)]
    [InlineData("class C { event System.Action? E; }", 1)]
    [InlineData("class C { int @lock; /* lock (o) volatile */ string s = \"lock (x) { }\"; }", 0)]
    public void The_rule_sees_what_it_forbids_and_nothing_else(string source, int violations) =>
        Assert.Equal(violations, Violations(source, "test").Count());

    private static IEnumerable<string> Violations(string source, string file)
    {
        foreach (SyntaxNode node in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes())
        {
            string? what = node switch
            {
                LockStatementSyntax => "a lock statement",
                FieldDeclarationSyntax field when field.Modifiers.Any(SyntaxKind.VolatileKeyword) => "a volatile field",
                EventFieldDeclarationSyntax => "an event, whose accessors compare and exchange",
                IdentifierNameSyntax { Identifier.ValueText: "Synchronized" } => "a synchronized method",
                _ => null,
            };
            if (what is not null)
                yield return $"{Path.GetFileName(file)}({node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}): {what}";
        }
    }

    // The explorer is what a seam is made of.
    private static bool IsOutsideSeam(string file) =>
        !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "Seam" or "PercpuRef.Interleavings" or "obj" or "bin");
}
