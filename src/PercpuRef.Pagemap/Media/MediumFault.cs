namespace Percpu.Pagemap;

/// <summary>One thing that a check found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Where it is on the medium, in bytes from the namespace's start.</param>
/// <param name="Message">What it is, with the values, in a sentence.</param>
public readonly record struct MediumFault(MediumFaultKind Kind, long Offset, string Message)
{
    /// <summary>Whether the namespace may not be written, nor opened unless that was asked for.</summary>
    internal bool IsStructural => Kind is not (MediumFaultKind.InfoCopy or MediumFaultKind.ErrorFlag);
}
