using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

/// <summary>A use of a <see cref="PercpuHandle"/>: the native handle stays open until it is disposed. Belongs to one stack
/// frame; cannot be boxed, stored or carried over an await.</summary>
public unsafe ref struct HandlePin
{
    private PercpuHandle? _owner;
    private readonly long* _hazard;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal HandlePin(PercpuHandle owner, nint value, long* hazard)
    {
        _owner = owner;
        Value = value;
        _hazard = hazard;
    }

    /// <summary>The native handle, to pass on while the use is held.</summary>
    public nint Value { get; }

    /// <summary>Ends the use. Disposing the same variable again does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        PercpuHandle? owner = _owner;
        if (owner is null)
            return;
        _owner = null;
        owner.EndUse(_hazard);
    }
}
