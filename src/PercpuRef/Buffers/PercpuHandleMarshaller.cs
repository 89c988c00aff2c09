using System.Runtime.InteropServices.Marshalling;

namespace Percpu.Buffers;

/// <summary>
/// Passes a <see cref="PercpuHandle"/> to a native function as its value, and holds a use of it around the call: write
/// <c>[MarshalUsing(typeof(PercpuHandleMarshaller&lt;MyHandle&gt;))] MyHandle handle</c> in a <c>LibraryImport</c>.
/// </summary>
/// <typeparam name="T">The handle's type.</typeparam>
[CustomMarshaller(typeof(CustomMarshallerAttribute.GenericPlaceholder), MarshalMode.ManagedToUnmanagedIn, typeof(PercpuHandleMarshaller<>.ManagedToUnmanagedIn))]
public static class PercpuHandleMarshaller<T> where T : PercpuHandle
{
    /// <summary>One argument of one call.</summary>
    public ref struct ManagedToUnmanagedIn
    {
        private HandlePin _use;

        /// <summary>Begins the use.</summary>
        /// <exception cref="ArgumentNullException">The argument is null.</exception>
        /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
        public void FromManaged(T handle)
        {
            ArgumentNullException.ThrowIfNull(handle);
            _use = handle.Use();
        }

        /// <summary>The native value.</summary>
        public readonly nint ToUnmanaged() => _use.Value;

        /// <summary>Ends the use.</summary>
        public void Free() => _use.Dispose();
    }
}
