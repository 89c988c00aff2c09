using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percpu.Pagemap;

/// <summary>An object that a word leads to, wherever the collector moves it: it stays alive until the word's owner frees it.</summary>
internal static class ObjectHandle
{
    internal static long Allocate(object target) => GCHandle.ToIntPtr(GCHandle.Alloc(target));

    internal static void Free(long handle) => GCHandle.FromIntPtr((nint)handle).Free();

    /// <summary>The object, whose type the caller knows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Target<T>(long handle) where T : class => Unsafe.As<T>(GCHandle.FromIntPtr((nint)handle).Target!);
}
