#pragma warning disable RS0030 // The seam.
using System.Runtime.InteropServices;

namespace Percpu.Memory;

/// <summary>
/// Tells when the garbage collector has let go of an object for good: no code can reach it any more, not even
/// a finalizer (a long weak handle, which tracks resurrection). The collector is the grace period after which
/// a reference's words and stripe offset may serve another one.
/// </summary>
internal struct WeakWatch
{
    private GCHandle _handle;

    /// <summary>Starts to watch an object. Throws OutOfMemoryException with nothing changed.</summary>
    internal void Set(object watched)
    {
        if (_handle.IsAllocated)
            _handle.Target = watched;
        else
            _handle = GCHandle.Alloc(watched, GCHandleType.WeakTrackResurrection);
    }

    /// <summary>Gives the handle back.</summary>
    internal void Release()
    {
        if (_handle.IsAllocated)
            _handle.Free();
    }

    /// <summary>Whether the watched object is gone for good.</summary>
    internal readonly bool HasLetGo => _handle.Target is null;

    /// <summary>The watched object; null once it is gone.</summary>
    internal readonly object? Owner => _handle.Target;

    /// <summary>Grows whenever a watch can have changed: the number of collections so far.</summary>
    internal static int Collections => GC.CollectionCount(0);
}
