using System.Diagnostics.CodeAnalysis;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings;

/// <summary>What must hold in a scenario. Any exception that a thread or a final check lets out is reported as well: assertions of test frameworks, too.</summary>
public static class Check
{
    /// <summary>Ends the execution as a violation, unless the condition holds.</summary>
    /// <exception cref="InvalidOperationException">It does not, and there is no execution.</exception>
    public static void That([DoesNotReturnIf(false)] bool condition, string otherwise)
    {
        if (condition)
            return;
        ModelThread.CurrentOrNone?.Execution.Fail(Violation.Check, otherwise);
        throw new InvalidOperationException(otherwise);
    }
}
