using System.Runtime.InteropServices;

namespace Percpu.Memory;

/// <summary>
/// The machine code of a restartable sequence that looks at the mode of a reference and counts, in memory that was written
/// once and is executable since. Lives as long as the process, also where an unloaded context made it: a thread may hold
/// the address of a descriptor for as long as it runs.
/// </summary>
internal sealed unsafe partial class RseqSection
{
    /// <summary>How often a section is started anew before it is refused: a step by step debugger interrupts it for ever.</summary>
    internal const int MaxRestarts = 1000;

    /// <summary>How often the probe looks at its gate: a second or so.</summary>
    private const int MaxWaits = 1 << 24;

    private const int CodeBytes = 4096;

    private RseqSection(nint code, RseqCode text, int count, long* areas, long* restarts)
    {
        Count = count;
        Areas = areas;
        Restarts = restarts;
        Add = (delegate* unmanaged[SuppressGCTransition]<long*, long, int>)(code + text["add"]);
        Probe = (delegate* unmanaged<long*, long, long*, int>)(code + text["probe"]);
    }

    /// <summary>(address of the mode word, count) adds the count at area + mode word. 1: done. 0: refused, nothing changed.</summary>
    // A few instructions that neither block nor throw: the thread stays in cooperative mode, and a collection waits for the
    // return. The signal by which it stops threads only starts the section anew.
    internal delegate* unmanaged[SuppressGCTransition]<long*, long, int> Add { get; }

    /// <summary>The same with a gate: waits inside the section, before it counts, until the word is
    /// not 0, and counts in the next one while it waits; refused when that takes a second.</summary>
    internal delegate* unmanaged<long*, long, long*, int> Probe { get; }

    /// <summary>An area for each index.</summary>
    internal long* Areas { get; }

    internal int Count { get; }

    /// <summary>How many sections were started anew.</summary>
    internal long* Restarts { get; }

    /// <summary>Makes the section.</summary>
    /// <returns>Why it cannot be had; null if it can.</returns>
    internal static string? TryCreate(RseqSystem system, in RseqPlace place, out RseqSection? section)
    {
        section = null;
        // Areas and count of restarts apart: the count is written. Never freed, as the code.
        long* areas = (long*)NativeMemory.AllocZeroed((nuint)place.Count, sizeof(long));
        long* restarts = (long*)NativeMemory.AlignedAlloc(64, 64);
        *restarts = 0;
        nint memory = system.MapCode(CodeBytes);
        if (memory == 0)
            return "there is no memory for the machine code of restartable sequences";
        RseqCode code = Emit(system.Architecture, place, memory, (long)areas, (long)restarts);
        code.Bytes.CopyTo(new Span<byte>((void*)memory, CodeBytes));
        if (system.SealCode(memory, CodeBytes) is var error and not 0)
        {
            system.UnmapCode(memory, CodeBytes);
            return $"executable memory is forbidden (error {error})";
        }
        section = new RseqSection(memory, code, place.Count, areas, restarts);
        return null;
    }

    /// <summary>Both sections and their descriptors, for memory at an address.</summary>
    internal static RseqCode Emit(Architecture architecture, in RseqPlace place, long address, long areas, long restarts)
    {
        var code = new RseqCode(CodeBytes);
        string[] names = ["add", "probe"];
        foreach (string name in names)
        {
            code.Align(32);
            code.Label(name + "Descriptor");
            code.Skip(32);
        }
        foreach (string name in names)
        {
            if (architecture == Architecture.X64)
                EmitX64(code, place, name, waits: name == "probe", areas, restarts);
            else
                EmitArm64(code, place, name, waits: name == "probe", areas, restarts);
            // struct rseq_cs: version and flags 0, first instruction, length, handler.
            int descriptor = code[name + "Descriptor"], start = code[name + "Start"];
            code.PutAt(descriptor, 0L);
            code.PutAt(descriptor + 8, address + start);
            code.PutAt(descriptor + 16, (long)(code[name + "End"] - start));
            code.PutAt(descriptor + 24, address + code[name + "Abort"]);
        }
        return code;
    }
}
