namespace Percpu.Memory;

// The section for arm64: mode word's address in x0, count in x1, gate in x2; result in w0. x9 to x17 are anybody's.
internal sealed unsafe partial class RseqSection
{
    private const uint SignatureArm64 = 0xD428BC00;

    /// <summary>Writes <see cref="Add"/>, or with <paramref name="waits"/> <see cref="Probe"/>.</summary>
    private static void EmitArm64(RseqCode code, in RseqPlace place, string name, bool waits, long areas, long restarts)
    {
        code.Align(64);
        code.Label(name);
        // x9 = this thread's struct rseq.
        code.Add("mrs x9, tpidr_el0", 0xD53BD049);
        Refer(code, ".offset", "ldr x10, {0}", 0x58000000 | 10, 5, 19);
        code.Add("add x9, x9, x10", 0x8B0A0129);
        // How often the section may be started anew.
        code.Add($"mov w11, #{RseqCode.Hex(MaxRestarts)}", 0x52800000 | (uint)MaxRestarts << 5 | 11);
        code.Label(".again");
        // Says to the kernel: from "start" on a section runs; see the code for x64.
        code.AddReference(4, name + "Descriptor", (at, target) =>
        {
            uint distance = (uint)(target - at);
            code.PutAt(at, 0x10000000 | (distance & 3) << 29 | (distance >> 2 & 0x7FFFF) << 5 | 10);
        }, target => $"adr x10, {RseqCode.Hex(target)}");
        code.Add($"str x10, [x9, #{RseqPlace.SectionField}]", 0xF9000000 | RseqPlace.SectionField / 8 << 10 | 9 << 5 | 10);
        code.Label(name + "Start");
        // The mode word, an acquire: who sees percpu mode again sees the new phase.
        code.Add("ldar x12, [x0]", 0xC8DFFC0C);
        // The index of the stripe that belongs to this processor while the section runs.
        code.Add($"ldr w13, [x9, #{place.IndexField}]", 0xB9400000 | (uint)place.IndexField / 4 << 10 | 9 << 5 | 13);
        // A thread that is not registered is told apart by a number below 0: for it nothing here is safe.
        code.Add($"ldr w14, [x9, #{RseqPlace.CpuIdField}]", 0xB9400000 | RseqPlace.CpuIdField / 4 << 10 | 9 << 5 | 14);
        Refer(code, ".refused", "tbnz w14, #31, {0}", 0x37000000 | 31 << 19 | 14, 5, 14);
        // Never beyond the table, whatever the kernel says.
        code.Add($"mov w14, #{RseqCode.Hex(place.Count)}", 0x52800000 | (uint)place.Count << 5 | 14);
        code.Add("cmp w13, w14", 0x6B0E01BF);
        Refer(code, ".refused", "b.cs {0}", 0x54000002, 5, 19);
        // x12 = area of the index + mode word: an address, or not above 0: no area, or atomic mode.
        Refer(code, ".areas", "ldr x14, {0}", 0x58000000 | 14, 5, 19);
        code.Add("ldr x14, [x14, x13, lsl #3]", 0xF86D79CE);
        code.Add("add x12, x12, x14", 0x8B0E018C);
        code.Add("cmp x12, #0x0", 0xF100019F);
        Refer(code, ".refused", "b.le {0}", 0x5400000D, 5, 19);
        if (waits)
            EmitWaitArm64(code);
        code.Add("ldr x14, [x12]", 0xF940018E);
        code.Add("add x14, x14, x1", 0x8B0101CE);
        // The one store, which ends the section: done as a whole or not at all. A release: what a holder did comes first.
        code.Add("stlr x14, [x12]", 0xC89FFD8E);
        code.Label(name + "End");
        code.Add("mov w0, #0x1", 0x52800020);
        code.Add("ret", 0xD65F03C0);
        code.Label(".refused");
        code.Add("mov w0, #0x0", 0x52800000);
        code.Add("ret", 0xD65F03C0);
        // The signature must stand before the handler. It is an instruction that traps.
        code.Add("brk #0x45e0", SignatureArm64);
        code.Label(name + "Abort");
        // Counted, and begun anew; after so many times on end, as under a debugger that steps, refused.
        Refer(code, ".restarts", "ldr x14, {0}", 0x58000000 | 14, 5, 19);
        code.Label(".count");
        code.Add("ldxr x15, [x14]", 0xC85F7DCF);
        code.Add("add x15, x15, #0x1", 0x910005EF);
        code.Add("stxr w16, x15, [x14]", 0xC8107DCF);
        Refer(code, ".count", "cbnz w16, {0}", 0x35000000 | 16, 5, 19);
        code.Add("subs w11, w11, #0x1", 0x7100056B);
        Refer(code, ".again", "b.ne {0}", 0x54000001, 5, 19);
        Refer(code, ".refused", "b {0}", 0x14000000, 0, 26);
        code.Align(8);
        code.Label(".offset");
        code.Data((long)place.Offset);
        code.Label(".areas");
        code.Data(areas);
        code.Label(".restarts");
        code.Data(restarts);
        code.Resolve();
    }

    /// <summary>Waits inside the section until the gate opens; after a while it refuses.</summary>
    private static void EmitWaitArm64(RseqCode code)
    {
        code.Add($"mov w15, #{RseqCode.Hex(MaxWaits)}", 0x52A00000 | (uint)MaxWaits >> 16 << 5 | 15);
        code.Add("add x16, x2, #0x8", 0x91002050);
        code.Label(".wait");
        code.Add("ldr x14, [x2]", 0xF940004E);
        Refer(code, ".open", "cbnz x14, {0}", 0xB5000000 | 14, 5, 19);
        // Tells whoever watches that the section is waiting; a release, so that a restart that was counted is seen first. Not a
        // commit: it says nothing that a restart would make wrong.
        code.Add("ldr x17, [x16]", 0xF9400211);
        code.Add("add x17, x17, #0x1", 0x91000631);
        code.Add("stlr x17, [x16]", 0xC89FFE11);
        code.Add("yield", 0xD503203F);
        code.Add("subs w15, w15, #0x1", 0x710005EF);
        Refer(code, ".wait", "b.ne {0}", 0x54000001, 5, 19);
        Refer(code, ".refused", "b {0}", 0x14000000, 0, 26);
        code.Label(".open");
    }

    /// <summary>An instruction with a distance in words in some of its bits.</summary>
    private static void Refer(RseqCode code, string label, string text, uint instruction, int shift, int width) =>
        code.AddReference(4, label, (at, target) =>
        {
            uint words = (uint)((target - at) >> 2) & ((1u << width) - 1);
            code.PutAt(at, instruction | words << shift);
        }, target => text.Replace("{0}", RseqCode.Hex(target), StringComparison.Ordinal));
}
