#pragma warning disable RS0030 // The seam.
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Percpu.Buffers;

/// <summary>An open file that several maps share, one after the other grown; closed with the last that needs it.</summary>
internal sealed partial class SharedFile(SafeFileHandle handle)
{
    private const int Interrupted = 4, NoSpace = 28, OverQuota = 122;

    // One for all files: a file is often open several times, and whoever makes it longer must not be overtaken by anybody
    // who looked at its length before.
    private static readonly object Growing = new();

    private int _users = 1;

    internal SafeFileHandle Handle { get; } = handle;

    /// <summary>One user more. The caller is one.</summary>
    internal void Share() => Interlocked.Increment(ref _users);

    /// <summary>One user less.</summary>
    internal void Drop()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Handle.Dispose();
    }

    /// <summary>Makes the file at least so long. Under a lock: a slower caller with a smaller length would cut the file
    /// under the map of a faster one. Throws IOException with the file as it was.</summary>
    internal void Extend(string path, long length, bool allocate)
    {
        try
        {
            lock (Growing)
            {
                long has = RandomAccess.GetLength(Handle);
                if (has < length && !(allocate && OperatingSystem.IsLinux() && TryAllocate(path, has, length)))
                    RandomAccess.SetLength(Handle, length);
            }
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new IOException($"'{path}' cannot have {length} bytes: {exception.Message}", exception);
        }
    }

    /// <summary>False where the file system allocates when it likes, or says that the length is none.</summary>
    private bool TryAllocate(string path, long has, long length)
    {
        while (FileAllocate(Handle, 0, has, length - has) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                continue;
            if (error is not (NoSpace or OverQuota))
                return false;
            RandomAccess.SetLength(Handle, has); // Gives back what it found room for.
            var inner = new Win32Exception(error);
            throw new IOException($"'{path}' cannot grow from {has} to {length} bytes, and has not: {inner.Message}.", inner);
        }
        return true;
    }

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FileAllocate(SafeFileHandle file, int mode, long offset, long length);
}
