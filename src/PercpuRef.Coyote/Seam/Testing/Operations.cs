using System.Reflection;
using Microsoft.Coyote.Runtime;

namespace Percpu.Testing;

/// <summary>What Coyote knows of its operations and does not show: whether one has completed, and its name.</summary>
/// <remarks>By reflection, and without it (another version of Coyote) every operation of an iteration counts as alive.</remarks>
internal static class Operations
{
    private const BindingFlags Hidden = BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly FieldInfo? Executing = typeof(Operation).Assembly.GetType("Microsoft.Coyote.Runtime.CoyoteRuntime")?.GetField("ExecutingOperation", Hidden);
    private static readonly FieldInfo? Status = Executing?.FieldType.GetField("Status", Hidden);
    private static readonly PropertyInfo? Name = Executing?.FieldType.GetProperty("Name", Hidden);
    private static readonly PropertyInfo? BugReport = Executing?.DeclaringType!.GetProperty("BugReport", Hidden);

    /// <summary>Whether this version of Coyote has all of it.</summary>
    internal static bool AreKnown => Status is not null && Name is not null && BugReport is not null;

    /// <summary>The operation of this thread, or null.</summary>
    internal static object? Current => Executing?.GetValue(null);

    internal static bool HasCompleted(object operation) => Status?.GetValue(operation)?.ToString() == "Completed";

    internal static string NameOf(object operation) => Name?.GetValue(operation) as string ?? "an operation";

    /// <summary>Adds to what Coyote reports as the bug of this iteration.</summary>
    internal static void AddToReport(ICoyoteRuntime runtime, string text)
    {
        if (BugReport?.GetValue(runtime) is string report)
            BugReport.SetValue(runtime, report + text);
    }
}
