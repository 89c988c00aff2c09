#pragma warning disable RS0030 // The seam.
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Percpu.Memory;

/// <summary>All that restartable sequences need of the system. Tests put systems in its place that lack something.</summary>
internal unsafe partial class RseqSystem
{
    /// <summary>Error numbers of Linux.</summary>
    internal const int NotPermitted = 1, NoMemory = 12, Busy = 16, Invalid = 22, NoSuchCall = 38;

    private const int ReadWrite = 3, ReadExecute = 5, PrivateAnonymous = 0x22;
    private const int RegisterRseqFence = 1 << 8, RseqFence = 1 << 7; // MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ
    private const int Unregister = 1; // RSEQ_FLAG_UNREGISTER
    private const int ProcessorsConfigured = 83; // _SC_NPROCESSORS_CONF
    private const int AffinityBytes = 1024; // For 8192 processors, as many as Linux can be built for.

    internal static readonly RseqSystem Current = new();

    private static long MembarrierCall => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 324 : 283;

    private static long RseqCall => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 334 : 293;

    private static (long Set, long Get) AffinityCalls => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (203, 204) : (122, 123);

    internal virtual bool IsLinux => OperatingSystem.IsLinux();

    internal virtual Architecture Architecture => RuntimeInformation.ProcessArchitecture;

    /// <summary>How many threads are alive now.</summary>
    internal virtual int Threads
    {
        get
        {
            try
            {
                foreach (string line in File.ReadLines("/proc/self/status"))
                {
                    if (line.StartsWith("Threads:", StringComparison.Ordinal))
                        return int.TryParse(line[8..], out int threads) ? threads : 0;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not known.
            }
            return 0;
        }
    }

    /// <summary>How many threads the thread pool starts before it hesitates: configured high by who expects to need them.</summary>
    /// <remarks>Not asked of the pool: whoever maps a file would have one assembly more loaded for it, of each of which the runtime
    /// keeps two file descriptors.</remarks>
    internal virtual int PoolThreads =>
        int.TryParse(AppContext.GetData("System.Threading.ThreadPool.MinThreads")?.ToString(), out int threads) ? threads : Environment.ProcessorCount;

    /// <summary>Processors that may ever be there; their numbers and their concurrency ids are below this.</summary>
    internal virtual int Processors
    {
        get
        {
            try
            {
                // The last number of a list such as "0-63,128-191".
                string possible = File.ReadAllText("/sys/devices/system/cpu/possible").Trim();
                if (int.TryParse(possible.AsSpan(possible.LastIndexOfAny(['-', ',']) + 1), out int last))
                    return last + 1;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A sandbox without /sys.
            }
            return (int)Math.Max(1, SystemConfiguration(ProcessorsConfigured));
        }
    }

    /// <summary>Which processors this thread may run on; none if that is not known.</summary>
    internal virtual List<int> AllowedProcessors()
    {
        ulong* mask = stackalloc ulong[AffinityBytes / sizeof(ulong)];
        var processors = new List<int>();
        long bytes = SystemCall(AffinityCalls.Get, 0, AffinityBytes, (long)mask, 0);
        for (int i = 0; i < bytes * 8; i++)
        {
            if ((mask[i / 64] >> (i % 64) & 1) != 0)
                processors.Add(i);
        }
        return processors;
    }

    /// <summary>Moves this thread to one processor, where it stays. One that has gone since leaves it where it is.</summary>
    internal virtual void MoveThread(int processor)
    {
        ulong* mask = stackalloc ulong[AffinityBytes / sizeof(ulong)];
        new Span<byte>(mask, AffinityBytes).Clear();
        mask[processor / 64] = 1ul << (processor % 64);
        _ = SystemCall(AffinityCalls.Set, 0, AffinityBytes, (long)mask, 0);
    }

    /// <summary>What the kernel told the program about itself; 0 if nothing.</summary>
    internal virtual long AuxiliaryValue(int key) => AuxiliaryVector((nuint)key);

    /// <summary>Where the C library registered each thread's struct rseq: an offset from the thread pointer, and how many
    /// bytes, 0 if it did not. False if it does not know of them (glibc before 2.35, musl).</summary>
    internal virtual bool TryFindRegistration(out long offset, out uint bytes)
    {
        offset = bytes = 0;
        if (!NativeLibrary.TryLoad("libc.so.6", out nint library)
            || !NativeLibrary.TryGetExport(library, "__rseq_offset", out nint offsetAt)
            || !NativeLibrary.TryGetExport(library, "__rseq_size", out nint bytesAt))
            return false;
        offset = *(nint*)offsetAt;
        bytes = *(uint*)bytesAt;
        return true;
    }

    /// <summary>Registers a struct rseq for this thread and takes it back at once. 0, or the error number.</summary>
    internal virtual int TryRegister(uint signature)
    {
        const int bytes = 32;
        void* area = NativeMemory.AlignedAlloc(bytes, bytes);
        NativeMemory.Clear(area, bytes);
        int error = SystemCall(RseqCall, (long)area, bytes, 0, signature) == 0 ? 0 : Marshal.GetLastPInvokeError();
        // A struct that stays registered must stay: the kernel writes to it.
        if (error != 0 || SystemCall(RseqCall, (long)area, bytes, Unregister, signature) == 0)
            NativeMemory.AlignedFree(area);
        return error;
    }

    /// <summary>Announces that this process will restart sections. 0, or the error number.</summary>
    internal virtual int TryRegisterFence() =>
        SystemCall(MembarrierCall, RegisterRseqFence, 0, 0, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Memory for code of a page or more, which is written first and then made executable. 0 when that is forbidden.</summary>
    internal virtual nint MapCode(nuint bytes)
    {
        nint address = MapMemory(0, bytes, ReadWrite, PrivateAnonymous, -1, 0);
        return address == -1 ? 0 : address;
    }

    /// <summary>Makes code executable, and no longer writable. 0, or the error number.</summary>
    // On arm64 instructions are fetched past the data cache: the kernel cleans it for a page that becomes executable.
    internal virtual int SealCode(nint address, nuint bytes) =>
        ProtectMemory(address, bytes, ReadExecute) == 0 ? 0 : Marshal.GetLastPInvokeError();

    internal virtual void UnmapCode(nint address, nuint bytes) => _ = UnmapMemory(address, bytes);

    /// <summary>Restarts every section that runs on any processor for this process.</summary>
    internal virtual void RestartSections()
    {
        for (int tries = 0; SystemCall(MembarrierCall, RseqFence, 0, 0, 0) != 0; tries++)
        {
            int error = Marshal.GetLastPInvokeError();
            // The kernel may have no memory for a moment. For anything else, which was tried at the start and must have been
            // forbidden since, there is no way on: a count would be read that others may still change unseen.
            if (error != NoMemory || tries == 10_000)
                Environment.FailFast($"Percpu: membarrier (PRIVATE_EXPEDITED_RSEQ) fails: {new Win32Exception(error).Message}");
            Thread.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial nint AuxiliaryVector(nuint key);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint SystemConfiguration(int name);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);

    private static nint SystemCall(long number, long first, long second, long third, long fourth) =>
        SystemCall((nint)number, (nint)first, (nint)second, (nint)third, (nint)fourth);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int ProtectMemory(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapMemory(nint address, nuint length);
}
