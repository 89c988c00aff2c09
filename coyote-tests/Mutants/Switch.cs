using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Percpu.Mutants;

/// <summary>
/// Chooses among the mutants of an assembly while it runs. This file becomes part of PercpuRef, with their number for <see cref="Count"/>
/// (<see cref="Building.SwitchSource"/>); here it only compiles.
/// </summary>
/// <remarks>
/// The number of the mutant that is on is read once, so that the JIT sees a constant. While reach is recorded tests run one after the other, and a
/// thread that knows no test counts for the last one that any thread knew.
/// </remarks>
internal static class Switch
{
    /// <summary>The mutant that is on, by its number; none if it is not told.</summary>
    internal const string ActiveVariable = "PERCPU_MUTANT";

    /// <summary>A folder: every process of the tests writes there which of its test classes reached which mutants.</summary>
    internal const string ReachVariable = "PERCPU_MUTANTS_REACH";

    /// <summary>A folder: what stands there under the path of a source file is taken in its place by tests that compile the source themselves.</summary>
    internal const string SourceVariable = "PERCPU_MUTANTS_SOURCE";

    private const int Count = 0;

    private static readonly int Active = int.TryParse(Environment.GetEnvironmentVariable(ActiveVariable), out int number) ? number : -1;
    private static readonly Reach? Recording = Environment.GetEnvironmentVariable(ReachVariable) is { Length: > 0 } folder ? new Reach(folder) : null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Is(int number)
    {
        if (Recording != null)
            Recording.Add(number);
        return Active == number;
    }

    private sealed class Reach
    {
        private const string ClassVariable = ReachVariable + "_CLASS";

        private readonly ConcurrentDictionary<string, byte[]> _reached = new();
        private readonly Func<object>? _context;
        private volatile object? _last;
        private volatile byte[] _current;

        internal Reach(string folder)
        {
            _current = Of(Environment.GetEnvironmentVariable(ClassVariable) ?? "");
            if (Type.GetType("Xunit.TestContext, xunit.v3.core")?.GetProperty("Current")?.GetMethod is { } getter)
                _context = (Func<object>)Delegate.CreateDelegate(typeof(Func<object>), getter);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Write(folder);
        }

        internal void Add(int number)
        {
            if (_context?.Invoke() is { } context && context != _last)
                Enter(context);
            byte[] current = _current;
            if (current[number] != 0)
                return;
            current[number] = 1;
            // A type initializer runs for whoever comes first, and its outcome is everybody's.
            if (Array.Exists(new System.Diagnostics.StackTrace().GetFrames(), frame => frame.GetMethod() is System.Reflection.ConstructorInfo { IsStatic: true }))
                Of("")[number] = 1;
        }

        private void Enter(object context)
        {
            object? test = context.GetType().GetProperty("TestClass")?.GetValue(context);
            if (test?.GetType().GetProperty("TestClassName")?.GetValue(test) is not string name)
                return;
            _last = context;
            _current = Of(name);
            // Programs that a test starts count for it.
            Environment.SetEnvironmentVariable(ClassVariable, name);
        }

        private byte[] Of(string name) => _reached.GetOrAdd(name, _ => new byte[Count + 1]);

        // Not one file a process: a test may load the assembly once more, in a context of its own.
        private void Write(string folder) => File.WriteAllLines(Path.Combine(folder, $"{Environment.ProcessId}-{Guid.NewGuid():N}.txt"),
            _reached.Select(pair => pair.Key + "\t" + string.Join(' ', Enumerable.Range(0, pair.Value.Length).Where(at => pair.Value[at] != 0))));
    }
}
