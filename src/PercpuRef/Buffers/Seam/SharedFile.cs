#pragma warning disable RS0030 // The seam.
using Microsoft.Win32.SafeHandles;

namespace Percpu.Buffers;

/// <summary>An open file that several maps share, one after the other grown; closed with the last.</summary>
internal sealed class SharedFile(SafeFileHandle handle)
{
    private readonly object _growing = new();
    private int _maps = 1;

    internal SafeFileHandle Handle { get; } = handle;

    /// <summary>One map more. The caller has one.</summary>
    internal void Share() => Interlocked.Increment(ref _maps);

    /// <summary>One map less.</summary>
    internal void Drop()
    {
        if (Interlocked.Decrement(ref _maps) == 0)
            Handle.Dispose();
    }

    /// <summary>Makes the file at least so long. Under a lock: a slower caller with a smaller length would cut the file
    /// under the map of a faster one.</summary>
    internal void Extend(string path, long length)
    {
        try
        {
            lock (_growing)
            {
                if (RandomAccess.GetLength(Handle) < length)
                    RandomAccess.SetLength(Handle, length);
            }
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new IOException($"'{path}' cannot have {length} bytes: {exception.Message}", exception);
        }
    }
}
