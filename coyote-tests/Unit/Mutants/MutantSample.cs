extern alias interleavings;

using System.Runtime.Loader;
using interleavings::Percpu.Interleavings.Twins;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Percpu.Mutants;
using Percpu.Mutants.Operators;

namespace Percpu.Unit.Mutants;

/// <summary>A source of a few lines in which every operator finds something.</summary>
internal static class MutantSample
{
    private const string Text = """
        using System;
        using System.Threading;
        public static class Sample
        {
            private const int Step = 3;
            [Flags] private enum Kind { None = 0, First = 1, Second = 2 }
            private static readonly object Gate = new();
            private static int s_state;

            public static int Of(int a, int b)
            {
                int sum = 0;
                if (a == 7)
                    return -1;
                if (a < b && b > 2)
                    sum += Between(a, b);
                Kind kind = Kind.First | Kind.Second;
                sum = sum * 2;
                sum += Step;
                try
                {
                    sum = sum / a;
                }
                catch (DivideByZeroException)
                {
                    sum = 100;
                }
                finally
                {
                    sum++;
                }
                lock (Gate)
                    sum += (int)kind;
                Volatile.Write(ref s_state, sum);
                Interlocked.MemoryBarrier();
                return a is > 4 ? Math.Min(sum, 50) : Volatile.Read(ref s_state);
            }

            private static int Between(int low, int high) => high - low;
        }
        """;

    private static readonly CSharpCompilation Empty = CSharpCompilation.Create("Sample", [TwinCompiler.Usings], TwinCompiler.Platform, TwinCompiler.Options);

    internal static SyntaxTree Tree { get; } = CSharpSyntaxTree.ParseText(Text, TwinCompiler.ParseOptions, "src/Sample/Layer/Sample.cs");

    internal static IReadOnlyList<Mutant> Mutants { get; } = MutantFinder.Find(Tree, Empty.AddSyntaxTrees(Tree).GetSemanticModel(Tree));

    /// <summary>The results for many arguments, of the source as it is or of a mutant without any switch.</summary>
    internal static string Alone(Mutant? mutant) => Results(Emit(mutant?.Apply() ?? Text), active: null);

    /// <summary>The same of the assembly that has all these mutants, with one of them on, or none.</summary>
    internal static string Switched(byte[] image, int? active) => Results(image, active);

    internal static bool Compiles(params string[] texts) => !Compile(texts).GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    internal static byte[] Emit(params string[] texts)
    {
        using var image = new MemoryStream();
        Assert.Empty(Compile(texts).Emit(image).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return image.ToArray();
    }

    private static CSharpCompilation Compile(string[] texts) => Empty.AddSyntaxTrees(texts.Select(text => CSharpSyntaxTree.ParseText(text, TwinCompiler.ParseOptions)));

    private static string Results(byte[] image, int? active)
    {
        var context = new AssemblyLoadContext("mutants", isCollectible: true);
        string? before = Environment.GetEnvironmentVariable(Switch.ActiveVariable);
        try
        {
            Environment.SetEnvironmentVariable(Switch.ActiveVariable, active?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            using var stream = new MemoryStream(image);
            Func<int, int, int> of = context.LoadFromStream(stream).GetType("Sample")!.GetMethod("Of")!.CreateDelegate<Func<int, int, int>>();
            return string.Join(' ', Enumerable.Range(0, 9).SelectMany(a => Enumerable.Range(0, 9).Select(b => of(a, b))));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Switch.ActiveVariable, before);
            context.Unload();
        }
    }
}
