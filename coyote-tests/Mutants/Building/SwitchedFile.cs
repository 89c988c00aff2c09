using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Percpu.Mutants.Operators;

namespace Percpu.Mutants.Building;

/// <summary>
/// The text of a source file with many mutants in it, each behind its number. Lines stay where they were. A mutant that has a build of
/// its own leaves a probe at the head of its block, which tells who reaches it.
/// </summary>
internal sealed class SwitchedFile
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<SyntaxNode, List<(int Number, Mutant Mutant)>> _at = [];
    private readonly Dictionary<SyntaxNode, List<int>> _swappedWith = [];
    private readonly Dictionary<BlockSyntax, List<int>> _probes = [];
    private readonly List<(Mutant Mutant, TextSpan Span)> _places = [];

    internal SwitchedFile(SyntaxTree tree, IEnumerable<(int Number, Mutant Mutant)> mutants)
    {
        foreach ((int number, Mutant mutant) in mutants)
        {
            if (mutant.Form == MutantForm.Own)
            {
                if (mutant.Node.Parent?.FirstAncestorOrSelf<BlockSyntax>() is { } block)
                    Of(_probes, block).Add(number);
                continue;
            }
            Of(_at, mutant.Node).Add((number, mutant));
            if (mutant.Form == MutantForm.Swap)
                Of(_swappedWith, mutant.Second!).Add(number);
        }
        Write(tree.GetRoot());
    }

    internal string Text => _text.ToString();

    /// <summary>
    /// Whose place a compiler's complaint is about: the smallest that it touches. If it touches none, every one that <paramref name="member"/> holds.
    /// </summary>
    internal IReadOnlyList<Mutant> Blamed(TextSpan complaint, TextSpan member)
    {
        (Mutant Mutant, TextSpan Span)[] touched = [.. _places.Where(place => place.Span.IntersectsWith(complaint))];
        if (touched.Length == 0)
            return [.. _places.Where(place => member.Contains(place.Span)).Select(place => place.Mutant).Distinct()];
        int least = touched.Min(place => place.Span.Length);
        return [.. touched.Where(place => place.Span.Length == least).Select(place => place.Mutant).Distinct()];
    }

    private static List<TValue> Of<TKey, TValue>(Dictionary<TKey, List<TValue>> lists, TKey key) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out List<TValue>? list))
            lists.Add(key, list = []);
        return list;
    }

    private void Write(SyntaxNode node)
    {
        List<(int Number, Mutant Mutant)> here = _at.GetValueOrDefault(node, []);
        if (node is StatementSyntax && (here.Count > 0 || _swappedWith.ContainsKey(node)))
            WriteStatement(node, here);
        else if (here.Count > 0)
            WriteExpression(node, here);
        else
            WriteInside(node);
    }

    private void WriteExpression(SyntaxNode node, List<(int Number, Mutant Mutant)> here)
    {
        int start = _text.Length;
        string? cast = here[0].Mutant.Cast;
        _text.Append('(');
        foreach ((int number, Mutant mutant) in here)
        {
            int from = _text.Length;
            _text.Append(SwitchSource.IsActive(number)).Append(" ? ").Append(Cast(cast, mutant.After)).Append(" : ");
            _places.Add((mutant, TextSpan.FromBounds(from, _text.Length)));
        }
        _text.Append(cast is null ? "(" : $"unchecked(({cast})(");
        WriteInside(node);
        _text.Append(cast is null ? "))" : ")))").Append(' ');
        _places.AddRange(here.Select(one => (one.Mutant, TextSpan.FromBounds(start, _text.Length))));
    }

    private static string Cast(string? type, string text) => type is null ? $"({text})" : $"unchecked(({type})({text}))";

    private void WriteStatement(SyntaxNode node, List<(int Number, Mutant Mutant)> here)
    {
        int start = _text.Length;
        List<int> without = [.. _swappedWith.GetValueOrDefault(node, [])];
        bool isInList = node.Parent is BlockSyntax or SwitchSectionSyntax;
        if (!isInList)
            _text.Append("{ ");
        foreach ((int number, Mutant mutant) in here)
        {
            int from = _text.Length;
            if (mutant.Form != MutantForm.Swap)
                without.Add(number);
            if (mutant.After != ";")
                _text.Append("if (").Append(SwitchSource.IsActive(number)).Append(") { ").Append(mutant.After).Append(" } ");
            _places.Add((mutant, TextSpan.FromBounds(from, _text.Length)));
        }
        if (without.Count > 0)
            _text.Append("if (!(").AppendJoin(" || ", without.Select(SwitchSource.IsActive)).Append(")) { ");
        WriteInside(node);
        if (without.Count > 0)
            _text.Append(" } ");
        if (!isInList)
            _text.Append(" } ");
        _places.AddRange(here.Select(one => (one.Mutant, TextSpan.FromBounds(start, _text.Length))));
        foreach (Mutant swap in SwappedInto(node))
            _places.Add((swap, TextSpan.FromBounds(start, _text.Length)));
    }

    private IEnumerable<Mutant> SwappedInto(SyntaxNode node) => _swappedWith.TryGetValue(node, out List<int>? numbers)
        ? _at.Values.SelectMany(list => list).Where(one => numbers.Contains(one.Number)).Select(one => one.Mutant) : [];

    private void WriteInside(SyntaxNode node)
    {
        bool hasProbes = node is BlockSyntax && _probes.ContainsKey((BlockSyntax)node);
        foreach (SyntaxNodeOrToken child in node.ChildNodesAndTokens())
        {
            if (child.AsNode() is { } inner)
            {
                Write(inner);
                continue;
            }
            _text.Append(child.AsToken().ToFullString());
            if (hasProbes && child.AsToken() == ((BlockSyntax)node).OpenBraceToken)
            {
                foreach (int number in _probes[(BlockSyntax)node])
                    _text.Append(SwitchSource.IsActive(number)).Append("; ");
            }
        }
    }
}
