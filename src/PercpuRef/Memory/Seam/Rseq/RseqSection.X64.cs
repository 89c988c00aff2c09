namespace Percpu.Memory;

// The section for x64. System V calling convention: mode word's address in rdi, count in rsi, gate in rdx; result in eax.
internal sealed unsafe partial class RseqSection
{
    private const uint SignatureX64 = 0x53053053;

    /// <summary>Writes <see cref="Add"/>, or with <paramref name="waits"/> <see cref="Probe"/>.</summary>
    private static void EmitX64(RseqCode code, in RseqPlace place, string name, bool waits, long areas, long restarts)
    {
        int cpuId = place.Offset + RseqPlace.CpuIdField, index = place.Offset + place.IndexField, section = place.Offset + RseqPlace.SectionField;

        code.Align(64);
        code.Label(name);
        // How often the section may be started anew.
        code.Add($"mov r8d,{RseqCode.Hex(MaxRestarts)}", [0x41, 0xB8, .. Bytes(MaxRestarts)]);
        code.Label(".again");
        // Says to the kernel: from "start" on a section runs. Whatever moves this thread from its processor before "end" makes
        // it go on at "abort". The pointer stays behind; the kernel drops it when it finds the thread elsewhere.
        code.AddReference(7, name + "Descriptor", (at, target) => { code.PutAt(at, 0x48); code.PutAt(at + 1, (byte)0x8D); code.PutAt(at + 2, (byte)0x05); code.PutAt(at + 3, (uint)(target - (at + 7))); },
            target => $"lea rax,[rip+{name}Descriptor]");
        code.Add($"mov QWORD PTR fs:{Displacement(section)},rax", [0x64, 0x48, 0x89, 0x04, 0x25, .. Bytes(section)]);
        code.Label(name + "Start");
        // The mode word: it tells the mode, and the place in every area.
        // ORDER(section-1) acquire, and release for the add below, both in one section. Pairs with ORDER(section-2), the fence that
        // starts sections anew: who adds after it has begun after it, and finds the mode that was stored before it.
        code.Add("mov rcx,QWORD PTR [rdi]", 0x48, 0x8B, 0x0F);
        // The index of the stripe that belongs to this processor while the section runs.
        code.Add($"mov eax,DWORD PTR fs:{Displacement(index)}", [0x64, 0x8B, 0x04, 0x25, .. Bytes(index)]);
        // A thread that is not registered is told apart by a number below 0: for it nothing here is safe.
        code.Add($"cmp DWORD PTR fs:{Displacement(cpuId)},0x0", [0x64, 0x83, 0x3C, 0x25, .. Bytes(cpuId), 0x00]);
        Jump(code, 0x7C, "jl", ".refused");
        // Never beyond the table, whatever the kernel says.
        code.Add($"cmp eax,{RseqCode.Hex(place.Count)}", [0x3D, .. Bytes(place.Count)]);
        Jump(code, 0x73, "jae", ".refused");
        // rcx = area of the index + mode word: an address, or not above 0: no area, or atomic mode; see StripeLayout.
        code.Add($"movabs r10,{RseqCode.Hex(areas)}", [0x49, 0xBA, .. Bytes(areas)]);
        code.Add("add rcx,QWORD PTR [r10+rax*8]", 0x49, 0x03, 0x0C, 0xC2);
        code.Add("test rcx,rcx", 0x48, 0x85, 0xC9);
        Jump(code, 0x7E, "jle", ".refused");
        if (waits)
            EmitWaitX64(code);
        // The one store, which ends the section: done as a whole or not at all. A release, as every store of x64.
        code.Add("add QWORD PTR [rcx],rsi", 0x48, 0x01, 0x31);
        code.Label(name + "End");
        code.Add("mov eax,0x1", [0xB8, .. Bytes(1)]);
        code.Add("ret", 0xC3);
        code.Label(".refused");
        code.Add("xor eax,eax", 0x31, 0xC0);
        code.Add("ret", 0xC3);
        // The signature must stand before the handler. With the bytes before it, it is an instruction that traps.
        code.Add($"ud1 edi,DWORD PTR [rip+{RseqCode.Hex(SignatureX64)}]", [0x0F, 0xB9, 0x3D, .. Bytes((int)SignatureX64)]);
        code.Label(name + "Abort");
        // Counted, and begun anew; after so many times on end, as under a debugger that steps, refused.
        code.Add($"movabs r10,{RseqCode.Hex(restarts)}", [0x49, 0xBA, .. Bytes(restarts)]);
        code.Add("lock inc QWORD PTR [r10]", 0xF0, 0x49, 0xFF, 0x02);
        code.Add("dec r8d", 0x41, 0xFF, 0xC8);
        Jump(code, 0x75, "jne", ".again");
        Jump(code, 0xEB, "jmp", ".refused");
        code.Resolve();
    }

    /// <summary>Waits inside the section until the gate opens; after a while it refuses.</summary>
    private static void EmitWaitX64(RseqCode code)
    {
        code.Add($"mov r9d,{RseqCode.Hex(MaxWaits)}", [0x41, 0xB9, .. Bytes(MaxWaits)]);
        code.Label(".wait");
        code.Add("cmp QWORD PTR [rdx],0x0", 0x48, 0x83, 0x3A, 0x00);
        Jump(code, 0x75, "jne", ".open");
        // Tells whoever watches that the section is waiting. Not a commit: it says nothing that a restart would make wrong.
        code.Add("inc QWORD PTR [rdx+0x8]", 0x48, 0xFF, 0x42, 0x08);
        code.Add("pause", 0xF3, 0x90);
        code.Add("dec r9d", 0x41, 0xFF, 0xC9);
        Jump(code, 0x75, "jne", ".wait");
        Jump(code, 0xEB, "jmp", ".refused");
        code.Label(".open");
    }

    private static void Jump(RseqCode code, byte operation, string text, string label) =>
        code.AddReference(2, label, (at, target) =>
        {
            code.PutAt(at, operation);
            code.PutAt(at + 1, (byte)checked((sbyte)(target - (at + 2))));
        }, target => $"{text} {RseqCode.Hex(target)}");

    // A disassembler shows the address that fs: adds to, of 32 bits with their sign, as one of 64.
    private static string Displacement(int offset) => RseqCode.Hex(offset);

    private static byte[] Bytes(int value) => BitConverter.GetBytes(value);

    private static byte[] Bytes(long value) => BitConverter.GetBytes(value);
}
