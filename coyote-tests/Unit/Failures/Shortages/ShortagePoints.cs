using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Every place of the source that asks for memory or calls the system, found by the compiler, each behind a question to
/// <see cref="Shortage"/>: new objects and arrays, collections that may grow, native memory, threads, and imported functions.</summary>
/// <remarks>Not found: what the compiler makes by itself (closures, boxes, strings put together), what the framework allocates inside, and
/// what runs once a process, in static fields. Exceptions about to be thrown are left alone.</remarks>
internal sealed class ShortagePoints
{
    private const string Shortage = "global::Percpu.Unit.Failures.Shortages.Shortage";

    private static readonly string[] Growing = ["Add", "AddRange", "Push", "Enqueue", "EnsureCapacity", "Insert", "TryAdd"];
    private static readonly string[] Undoing = ["UnmapMemory", "VirtualFree"]; // Nobody can do anything about these but tell.

    private readonly List<string> _names = [];

    /// <summary>Where each point is, by its number.</summary>
    internal IReadOnlyList<string> Names => _names;

    internal CSharpCompilation Instrument(CSharpCompilation compilation)
    {
        foreach (SyntaxTree tree in compilation.SyntaxTrees.Where(tree => tree.FilePath.Contains($"{Path.DirectorySeparatorChar}src{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            var rewriter = new Rewriter(this, compilation.GetSemanticModel(tree));
            SyntaxNode root = rewriter.Visit(tree.GetRoot());
            compilation = compilation.ReplaceSyntaxTree(tree, CSharpSyntaxTree.Create((CSharpSyntaxNode)root, (CSharpParseOptions)tree.Options, tree.FilePath));
        }
        return compilation;
    }

    private int Number(SyntaxNode node)
    {
        FileLinePositionSpan at = node.GetLocation().GetLineSpan();
        string text = node.ToString().ReplaceLineEndings(" ");
        _names.Add($"{Path.GetFileName(at.Path)}:{at.StartLinePosition.Line + 1}: {(text.Length > 100 ? text[..100] : text)}");
        return _names.Count - 1;
    }

    private sealed class Rewriter(ShortagePoints points, SemanticModel model) : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node) =>
            node.Modifiers.Any(SyntaxKind.StaticKeyword) ? node : base.VisitFieldDeclaration(node);

        public override SyntaxNode? VisitPropertyDeclaration(PropertyDeclarationSyntax node) =>
            node.Modifiers.Any(SyntaxKind.StaticKeyword) && node.Initializer is not null ? node : base.VisitPropertyDeclaration(node);

        public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

        public override SyntaxNode? VisitThrowStatement(ThrowStatementSyntax node) => node;

        public override SyntaxNode? VisitThrowExpression(ThrowExpressionSyntax node) => node;

        public override SyntaxNode? VisitConstructorDeclaration(ConstructorDeclarationSyntax node) =>
            node.Modifiers.Any(SyntaxKind.StaticKeyword) ? node : base.VisitConstructorDeclaration(node);

        public override SyntaxNode? VisitObjectCreationExpression(ObjectCreationExpressionSyntax node) =>
            Asks(node) ? Created(node, (BaseObjectCreationExpressionSyntax)base.VisitObjectCreationExpression(node)!) : base.VisitObjectCreationExpression(node);

        public override SyntaxNode? VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node) =>
            Asks(node) ? Created(node, (BaseObjectCreationExpressionSyntax)base.VisitImplicitObjectCreationExpression(node)!) : base.VisitImplicitObjectCreationExpression(node);

        public override SyntaxNode? VisitArrayCreationExpression(ArrayCreationExpressionSyntax node) =>
            Or(node, (ExpressionSyntax)base.VisitArrayCreationExpression(node)!);

        public override SyntaxNode? VisitCollectionExpression(CollectionExpressionSyntax node) =>
            node.Elements.Count > 0 && Asks(node) ? Or(node, (ExpressionSyntax)base.VisitCollectionExpression(node)!) : base.VisitCollectionExpression(node);

        public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
        {
            var visited = (ExpressionSyntax)base.VisitInvocationExpression(node)!;
            if (model.GetSymbolInfo(node).Symbol is not IMethodSymbol method)
                return visited;
            if (!method.IsStatic || method.ReturnsVoid || (method.IsExtern && Undoing.Contains(method.Name)))
                return AsksForMemory(method) ? OfReceiver(node, (InvocationExpressionSyntax)visited) : visited;
            if (method.IsExtern)
                return method.ReturnType.SpecialType == SpecialType.System_Boolean ? visited : Or(node, visited, $"{Shortage}.Error()");
            if (method.ContainingType.ToDisplayString() == "Percpu.Memory.NativeBlocks" && method.Name is "Reserve" or "Commit")
                return Or(node, visited, method.Name == "Reserve" ? "0L" : "false");
            return AsksForMemory(method) ? Or(node, visited) : visited;
        }

        public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
        {
            var visited = (ExpressionStatementSyntax)base.VisitExpressionStatement(node)!;
            return visited.Expression is not ParenthesizedExpressionSyntax asked ? visited
                : visited.WithExpression(SyntaxFactory.AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, SyntaxFactory.ParseExpression("_ "), asked));
        }

        private static bool AsksForMemory(IMethodSymbol method)
        {
            string owner = method.ContainingType.OriginalDefinition.ToDisplayString();
            return owner switch
            {
                "Percpu.Memory.NativeBlocks" => method.Name is "Allocate" or "AllocatePinnedWords",
                "System.Threading.Thread" => method.Name == "Start",
                "Percpu.Pagemap.ObjectHandle" => method.Name == "Allocate",
                "System.GC" => method.Name.StartsWith("Allocate", StringComparison.Ordinal),
                _ => owner.StartsWith("System.Collections.Generic.", StringComparison.Ordinal) && Growing.Contains(method.Name),
            };
        }

        private bool Asks(ExpressionSyntax node)
        {
            ITypeSymbol? type = model.GetTypeInfo(node).Type ?? model.GetTypeInfo(node).ConvertedType;
            if (type is null or { IsReferenceType: false })
                return false;
            for (ITypeSymbol? each = type; each is not null; each = each.BaseType)
            {
                if (each.ToDisplayString() == "System.Exception")
                    return false;
            }
            return true;
        }

        /// <summary>The last argument asks, if it can stand in a call: what is evaluated before has been done then.</summary>
        private ExpressionSyntax Created(BaseObjectCreationExpressionSyntax node, BaseObjectCreationExpressionSyntax visited)
        {
            if (node.ArgumentList is not { Arguments: [.., { RefKindKeyword.RawKind: 0 } last] } || model.GetTypeInfo(last.Expression).ConvertedType is not { } type
                || type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer or TypeKind.Error)
                return Or(node, visited);
            ArgumentSyntax argument = visited.ArgumentList!.Arguments[^1];
            ExpressionSyntax asking = SyntaxFactory.ParseExpression(
                $"{Shortage}.Then<{type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier))}>({points.Number(node)}, {argument.Expression})");
            return visited.WithArgumentList(visited.ArgumentList.ReplaceNode(argument, argument.WithExpression(asking.WithTriviaFrom(argument.Expression))));
        }

        /// <summary>The receiver asks: this goes also where nothing is returned.</summary>
        private InvocationExpressionSyntax OfReceiver(InvocationExpressionSyntax node, InvocationExpressionSyntax visited)
        {
            if (visited.Expression is not MemberAccessExpressionSyntax access)
                return visited;
            string receiver = access.Expression.WithoutTrivia().ToFullString();
            return visited.WithExpression(access.WithExpression(
                SyntaxFactory.ParseExpression($"{Shortage}.Demand({points.Number(node)}, {receiver})").WithTriviaFrom(access.Expression)));
        }

        private ParenthesizedExpressionSyntax Or(ExpressionSyntax node, ExpressionSyntax visited, string? otherwise = null)
        {
            int point = points.Number(node);
            otherwise ??= $"throw {Shortage}.OutOfMemory({point})";
            return SyntaxFactory.ParenthesizedExpression(SyntaxFactory.ConditionalExpression(
                SyntaxFactory.ParseExpression($"{Shortage}.Allows({point}) "),
                visited.WithoutTrivia(),
                SyntaxFactory.ParseExpression(otherwise).WithLeadingTrivia(SyntaxFactory.Space))).WithTriviaFrom(visited);
        }
    }
}
