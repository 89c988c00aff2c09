using System.Runtime.InteropServices;

namespace Percpu.Memory;

/// <summary>Where a thread finds its struct rseq, which the kernel fills, and which of its fields names the stripe.</summary>
/// <param name="Offset">Of the struct, from the thread pointer.</param>
/// <param name="IndexField">Of the index in the struct: the concurrency id (mm_cid), which is below the number of
/// threads too, so that few threads keep to few stripes; on older kernels the processor's number (cpu_id).</param>
/// <param name="Count">Indexes are below this.</param>
internal readonly record struct RseqPlace(int Offset, int IndexField, int Count)
{
    /// <summary>Fields of struct rseq; see the kernel's include/uapi/linux/rseq.h.</summary>
    internal const int CpuIdField = 4, SectionField = 8, ConcurrencyIdField = 24;

    /// <summary>Key of the auxiliary vector: how many bytes of struct rseq the kernel fills (AT_RSEQ_FEATURE_SIZE).</summary>
    internal const int FeatureSize = 27;

    /// <summary>The word before an abort handler by which the kernel knows it: what glibc registers. An instruction that traps.</summary>
    internal static uint Signature(Architecture architecture) => architecture == Architecture.X64 ? 0x53053053 : 0xD428BC00;

    /// <summary>Looks whether this process can have restartable sequences.</summary>
    /// <returns>Why not; null if it can.</returns>
    internal static string? Find(RseqSystem system, out RseqPlace place)
    {
        place = default;
        if (!system.IsLinux || system.Architecture is not (Architecture.X64 or Architecture.Arm64))
            return "restartable sequences are of Linux on x64 and arm64";
        if (!system.TryFindRegistration(out long offset, out uint bytes))
            return "the C library does not register restartable sequences (glibc from 2.35 on does)";
        if (bytes == 0)
            return system.TryRegister(Signature(system.Architecture)) switch
            {
                0 => "the C library was told not to register restartable sequences (glibc.pthread.rseq=0)",
                RseqSystem.NoSuchCall => "the kernel has no restartable sequences",
                RseqSystem.Busy or RseqSystem.Invalid => "restartable sequences are taken: another library has registered them",
                int error => $"restartable sequences are refused (error {error})",
            };
        if (offset != (int)offset)
            return $"the C library put struct rseq out of reach ({offset} bytes from the thread pointer)";
        switch (system.TryRegisterFence())
        {
            case 0:
                break;
            case RseqSystem.Invalid or RseqSystem.NoSuchCall:
                return "the kernel cannot restart sequences (membarrier PRIVATE_EXPEDITED_RSEQ, from Linux 5.10 on)";
            case int error:
                return $"membarrier is refused (error {error})";
        }
        int processors = system.Processors;
        if (processors > ushort.MaxValue)
            return $"there are too many processors ({processors})";
        // Not by the size that the C library tells: glibc 2.36 says 20, of which mm_cid is no part, and the kernel fills it
        // all the same, since the registration covers 32 bytes.
        bool concurrencyIds = system.AuxiliaryValue(FeatureSize) >= ConcurrencyIdField + sizeof(int);
        place = new RseqPlace((int)offset, concurrencyIds ? ConcurrencyIdField : CpuIdField, processors);
        return null;
    }
}
