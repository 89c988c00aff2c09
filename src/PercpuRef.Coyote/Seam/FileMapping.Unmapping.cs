using System.Runtime.InteropServices;
using Percpu.Testing;

namespace Percpu.Buffers;

// The seam over Coyote: what is unmapped stays in the address space, poisoned, until nothing of the iteration is left.
internal sealed unsafe partial class FileMapping
{
    private const int ReadWrite = 3, PrivateFixedAnonymous = 0x2 | 0x10 | 0x20;

    /// <summary>Unmaps. Called once, when no pin is left.</summary>
    internal void Unmap()
    {
        // In one step, so that nobody else's map comes in between.
        if (!OperatingSystem.IsLinux() || MapAnonymous((nint)Address, (nuint)Length, ReadWrite, PrivateFixedAnonymous, -1, 0) == -1)
        {
            Close();
            return;
        }
        var block = new Block((long)Address, Length, null, Close);
        block.Free();
        TestThread.Current.Iteration.Blocks.Add(block);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapAnonymous(nint address, nuint length, int protection, int flags, int descriptor, nint offset);
}
