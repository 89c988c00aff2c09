using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ConstrainedExecution;
using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// A handle of the operating system or of a native library, with the rules of
/// <see cref="System.Runtime.InteropServices.SafeHandle"/> and the cost of a percpu pin: it is closed once, at its last
/// use, never under a user, and by the finalizer when it was dropped.
/// </summary>
/// <remarks>
/// <para>Derive as from <c>SafeHandle</c>: construct the object first, obtain the native handle, then call
/// <see cref="SetHandle"/>, so that no failure leaks a handle. Around each native call hold a <see cref="Use()"/>, or let
/// <see cref="PercpuHandleMarshaller{T}"/> do it.</para>
/// <para>Costs more to create and to close than a <c>SafeHandle</c> (a reference count; a process-wide fence). Take it for
/// handles that live long and are used much. Thread-safety: every member may be called from any thread.</para>
/// </remarks>
[DebuggerDisplay("{_handle} {IsClosed ? \"closed\" : \"open\",nq}")]
public abstract class PercpuHandle : CriticalFinalizerObject, IDisposable, IAsyncDisposable
{
    private readonly PercpuRef _reference;
    private readonly unsafe long* _mode; // Of the reference: a load less to a use.
    private readonly bool _ownsHandle;
    private nint _handle;

    /// <summary>Creates the object, which holds no native handle yet.</summary>
    /// <param name="invalidValue">What <see cref="IsInvalid"/> knows as no handle.</param>
    /// <param name="ownsHandle">Whether <see cref="ReleaseHandle"/> is called.</param>
    /// <exception cref="OutOfMemoryException">No memory for its count.</exception>
    protected unsafe PercpuHandle(nint invalidValue, bool ownsHandle)
    {
        _handle = invalidValue;
        _ownsHandle = ownsHandle;
        _reference = new PercpuRef(_ => Release(), PercpuRefOptions.None, announced: true);
        _mode = (long*)_reference.Words;
    }

    /// <summary>Closes a handle that was dropped, unless somebody holds it who never let go.</summary>
    ~PercpuHandle()
    {
        try
        {
            _reference?.Dispose();
        }
        catch (Exception)
        {
            // What ReleaseHandle threw, which was reported. Here it would end the process.
        }
    }

    /// <summary>Whether the value means "no handle": such a one is never released.</summary>
    public abstract bool IsInvalid { get; }

    /// <summary>Whether it was disposed. The native handle is closed when the last use has ended; see <see cref="Released"/>.</summary>
    public bool IsClosed => _reference.IsDying;

    /// <summary>The count of the uses.</summary>
    public PercpuRef Reference => _reference;

    /// <summary>Completes when the native handle has been closed.</summary>
    public Task Released => _reference.Released;

    /// <summary>Begins a use: the handle stays open until the result is disposed.</summary>
    /// <returns>False once it was disposed.</returns>
    /// <remarks>Never blocks, never allocates but for a thread's first.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe bool TryUse(out HandlePin use)
    {
        if (PercpuRef.TryBeginAnnouncedPin(_reference, _mode, PerThread.Hazards, out long* hazard))
        {
            use = new HandlePin(this, _handle, hazard);
            return true;
        }
        use = default;
        return false;
    }

    /// <summary>Begins a use: the handle stays open until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HandlePin Use()
    {
        if (!TryUse(out HandlePin use))
            ThrowDisposed();
        return use;
    }

    /// <summary><see cref="TryUse(out HandlePin)"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="use">The use; disposing it ends it.</param>
    /// <returns>False once it was disposed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe bool TryUse(PercpuThread thread, out HandlePin use)
    {
        if (PercpuRef.TryBeginAnnouncedPin(_reference, _mode, thread.Hazards, out long* hazard))
        {
            use = new HandlePin(this, _handle, hazard);
            return true;
        }
        use = default;
        return false;
    }

    /// <summary><see cref="Use()"/> without an access to thread-static fields.</summary>
    /// <param name="thread">The running thread.</param>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HandlePin Use(PercpuThread thread)
    {
        if (!TryUse(thread, out HandlePin use))
            ThrowDisposed();
        return use;
    }

    /// <summary>Begins a use that is not bound to a stack frame.</summary>
    /// <param name="success">Set to true when it succeeds; false before the call, as for <c>SafeHandle</c>.</param>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DangerousAddRef(ref bool success)
    {
        if (!_reference.TryGetLive())
            ThrowDisposed();
        success = true;
    }

    /// <summary>Ends a use that <see cref="DangerousAddRef"/> began.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DangerousRelease()
    {
        _reference.Put();
        GC.KeepAlive(this); // Not finalized before the use has ended.
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void EndUse(long* hazard)
    {
        PercpuRef.EndAnnouncedPin(_reference, _mode, hazard);
        GC.KeepAlive(this); // Not finalized before the use has ended.
    }

    /// <summary>The value, valid only while a use is held.</summary>
    public nint DangerousGetHandle() => _handle;

    /// <summary>Refuses new uses and closes the native handle at the end of the last one. Never waits. May be called twice.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _reference.Dispose();
        GC.KeepAlive(this);
    }

    /// <summary>Disposes, and completes when the native handle has been closed.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _reference.Dispose();
        return new ValueTask(Released);
    }

    /// <summary>Stores the native handle. Once, before others can see this object.</summary>
    protected void SetHandle(nint handle) => _handle = handle;

    /// <summary>Closes the native handle. Called once, at most, and not for an invalid value.</summary>
    /// <param name="handle">The value.</param>
    /// <returns>False if it failed, which is reported as an event.</returns>
    protected abstract bool ReleaseHandle(nint handle);

    private void Release()
    {
        if (_ownsHandle && !IsInvalid && !ReleaseHandle(_handle))
            PercpuEventSource.Log.Warning(this, static handle => $"{handle.GetType().Name} could not close its handle {handle._handle}.");
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void ThrowDisposed() => throw new ObjectDisposedException(GetType().Name, $"The handle {_handle} was closed.");
}
