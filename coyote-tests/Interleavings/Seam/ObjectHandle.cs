using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Running;

namespace Percpu.Pagemap;

/// <summary>The checked version: the execution frees what its program has not, for an execution may end anywhere.</summary>
internal static class ObjectHandle
{
    internal static long Allocate(object target)
    {
        long handle = GCHandle.ToIntPtr(GCHandle.Alloc(target));
        ModelThread.Current.Execution.Process.Handles.Add(handle);
        return handle;
    }

    internal static void Free(long handle)
    {
        ModelThread.Current.Execution.Process.Handles.Remove(handle);
        GCHandle.FromIntPtr((nint)handle).Free();
    }

    internal static T Target<T>(long handle) where T : class => Unsafe.As<T>(GCHandle.FromIntPtr((nint)handle).Target!);
}
