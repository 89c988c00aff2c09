using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

/// <summary>A use of a <see cref="PercpuHandle"/>: the native handle stays open until it is disposed. Belongs to one stack
/// frame; cannot be boxed, stored or carried over an await.</summary>
public unsafe ref struct HandlePin
{
    private PercpuHandle? _owner;
    private readonly long* _hazard;
    private readonly nint _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal HandlePin(PercpuHandle owner, nint value, long* hazard)
    {
        _owner = owner;
        _value = value;
        _hazard = hazard;
    }

    /// <summary>The native handle, to pass on while the use is held.</summary>
    /// <exception cref="InvalidOperationException">The use was not taken, or has ended: the number may be another resource's by now.</exception>
    public readonly nint Value => _owner is not null ? _value : throw NotHeld();

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

    private static InvalidOperationException NotHeld() => new("This use was not taken (look at what TryUse returned), or has ended.");
}
