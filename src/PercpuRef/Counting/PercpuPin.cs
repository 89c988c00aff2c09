using System.Diagnostics;
using System.Runtime.CompilerServices;
using Percpu.Memory;

namespace Percpu;

/// <summary>
/// A reference of a <see cref="PercpuRef"/> that one stack frame holds: <c>using PercpuPin pin = reference.Pin();</c>. Put when it is
/// disposed, also on an exception. Belongs to one stack frame; cannot be boxed, stored or carried over an await. Do not copy it: each copy that
/// is disposed puts once more.
/// </summary>
[DebuggerDisplay("{IsHeld ? \"held\" : \"not held\",nq}")]
public unsafe ref struct PercpuPin
{
    private PercpuRef? _reference; // Null once disposed.
    private readonly long _stripe; // Where it is counted, so that its end makes no thread-static access; 0 if elsewhere.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PercpuPin(PercpuRef reference, long stripe)
    {
        _reference = reference;
        _stripe = stripe;
    }

    /// <summary>Whether it holds: false for the default value, when it was not taken, and once disposed.</summary>
    public readonly bool IsHeld => _reference is not null;

    /// <summary>Whether the reference was killed meanwhile: it waits for this pin and others to be released.</summary>
    public readonly bool IsDying => _reference is not null && _reference.IsDying;

    /// <summary>Puts the reference. Disposing the same variable again does nothing.</summary>
    /// <remarks>As <see cref="PercpuRef.Put()"/>: the last one after a kill runs the release callback before it returns.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        PercpuRef? reference = _reference;
        if (reference is null)
            return;
        _reference = null;
        reference.EndPin(_stripe);
    }
}
