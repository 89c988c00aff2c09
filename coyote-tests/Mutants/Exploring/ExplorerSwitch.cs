namespace Percpu.Mutants.Exploring;

/// <summary>
/// The source file that chooses among the mutants of the explorer's assembly, and that knows which were reached. It is turned while the
/// assembly is loaded: one build serves all of them.
/// </summary>
internal static class ExplorerSwitch
{
    internal const string Type = "Percpu.Mutants.Switch", Active = "Active", Reached = "Reached";

    private const string Path = "coyote-tests/Interleavings/Running/Switch.cs";

    /// <summary>A load that is a step of its own and acquires nothing, as the explorer's public words have it: early where the model lets it.</summary>
    internal const string PlainLoad = "global::Percpu.Mutants.Plain.Load";

    internal static (string Path, string Text) Of(int count) => (Path, $$"""
        using System.Runtime.CompilerServices;
        using Percpu.Interleavings;
        using Percpu.Interleavings.Model;

        namespace Percpu.Mutants;

        public static class Switch
        {
            public static int {{Active}} = -1;
            public static readonly bool[] {{Reached}} = new bool[{{count}}];

            internal static bool Is(int number)
            {
                {{Reached}}[number] = true;
                return {{Active}} == number;
            }
        }

        internal static unsafe class Plain
        {
            internal static long Load(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
            {
                ModelThread thread = ModelThread.Current;
                return thread.Execution.Load(thread, word, new Source(member, line), acquires: false);
            }
        }
        """);
}
