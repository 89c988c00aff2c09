using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory.PerCpu;

/// <summary>The machine code is what its text says: by a disassembler that somebody else wrote.</summary>
public sealed partial class RseqCodeTests
{
    private static readonly RseqPlace[] Places =
    [
        new(2336, RseqPlace.ConcurrencyIdField, 2),
        new(-160, RseqPlace.CpuIdField, 512),
        new(0x12345678, RseqPlace.ConcurrencyIdField, ushort.MaxValue),
    ];

    [Theory]
    [InlineData(Architecture.X64, 0)]
    [InlineData(Architecture.X64, 1)]
    [InlineData(Architecture.X64, 2)]
    [InlineData(Architecture.Arm64, 0)]
    [InlineData(Architecture.Arm64, 1)]
    [InlineData(Architecture.Arm64, 2)]
    public void A_disassembler_reads_each_instruction_as_its_text_says(Architecture architecture, int place)
    {
        string objdump = FindObjdump(architecture);
        RseqCode code = RseqSection.Emit(architecture, Places[place], 0x7000_0000_0000, areas: 0x7fff_1234_5678, restarts: 0x7fff_8765_4320);
        (int At, string Text)[] expected = [.. code.Listing];
        Assert.True(expected.Length > 50, "The listing has gone empty.");

        Dictionary<int, string> found = Disassemble(objdump, architecture, code);
        foreach ((int at, string text) in expected)
        {
            string resolved = Descriptor().Replace(text, match => $"rip+{RseqCode.Hex(code[match.Groups[1].Value + "Descriptor"])}");
            Assert.True(found.TryGetValue(at, out string? actual), $"No instruction begins at {at:x}, where '{text}' should stand.");
            Assert.Equal(Plain(resolved), Plain(RipTarget(actual)));
        }
        // Nothing but what the listing names lies between the first and the last instruction of a section.
        foreach (string name in (string[])["add", "probe"])
            Assert.All(found.Where(line => line.Key >= code[name + "Start"] && line.Key < code[name + "End"]), line => Assert.Contains(expected, each => each.At == line.Key));
    }

    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void A_descriptor_is_what_the_kernel_wants(Architecture architecture)
    {
        const long address = 0x7000_0000_0000;
        RseqCode code = RseqSection.Emit(architecture, Places[0], address, areas: 0, restarts: 0);
        foreach (string name in (string[])["add", "probe"])
        {
            int at = code[name + "Descriptor"];
            ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(code.Bytes.Slice(at, 32));
            Assert.Equal(0, at % 32);
            Assert.Equal(0, words[0]); // Version and flags.
            Assert.Equal(address + code[name + "Start"], words[1]);
            Assert.Equal(code[name + "End"] - code[name + "Start"], words[2]);
            Assert.Equal(address + code[name + "Abort"], words[3]);
            // The handler lies outside the section, behind the signature that the C library registered.
            Assert.True(code[name + "Abort"] > code[name + "End"]);
            Assert.Equal(RseqPlace.Signature(architecture), MemoryMarshal.Read<uint>(code.Bytes[(code[name + "Abort"] - 4)..]));
        }
    }

    private static Dictionary<int, string> Disassemble(string objdump, Architecture architecture, RseqCode code)
    {
        using var folder = new TempFolder();
        string file = folder.At("code.bin");
        File.WriteAllBytes(file, code.Bytes.ToArray());
        string[] machine = architecture == Architecture.X64 ? ["-m", "i386:x86-64", "-M", "intel"] : ["-m", "aarch64"];
        var instructions = new Dictionary<int, string>();
        // Data stands before and between: each section is read from its first instruction on.
        foreach (string name in (string[])["add", "probe"])
        {
            using var process = Process.Start(new ProcessStartInfo(objdump, ["-D", "-b", "binary", .. machine, $"--start-address={code[name]}", file]) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), "objdump has not ended in a minute.");
            foreach (Match line in Line().Matches(output))
                instructions[int.Parse(line.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)] = line.Groups[2].Value;
        }
        return instructions;
    }

    private static string FindObjdump(Architecture architecture)
    {
        string[] names = architecture == Architecture.X64 ? ["objdump", "x86_64-linux-gnu-objdump"] : ["aarch64-linux-gnu-objdump", "objdump"];
        foreach (string name in names)
        {
            string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
            if (path is null)
                continue;
            using var process = Process.Start(new ProcessStartInfo(path, ["-i"]) { RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), "objdump has not ended in a minute.");
            if (output.Contains(architecture == Architecture.X64 ? "x86-64" : "aarch64", StringComparison.Ordinal))
                return path;
        }
        Assert.Skip($"No objdump that reads code for {architecture}: install binutils (for arm64 on another machine, binutils-aarch64-linux-gnu).");
        return "";
    }

    // "lea rax,[rip+0xffffff91]        # 0x0": what counts is the target.
    private static string RipTarget(string text) => Target().Match(text) is { Success: true } match ? $"lea rax,[rip+{match.Groups[1].Value}]" : text;

    // One space, no comment, and no mark of a size that objdump prints in one version and not in another.
    private static string Plain(string text)
    {
        text = Comment().Replace(text, "");
        text = Spaces().Replace(text.Trim(), " ");
        return text.Replace("fs:0xffffffffffffff", "fs:0xffffff", StringComparison.Ordinal).Replace("b.hs", "b.cs", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^ *([0-9a-f]+):\t(?:[0-9a-f]+ )+ *\t(.+)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"rip\+([a-z]+)Descriptor")]
    private static partial Regex Descriptor();

    [GeneratedRegex(@"lea +rax,\[rip[+-]0x[0-9a-f]+\] +# (0x[0-9a-f]+)")]
    private static partial Regex Target();

    [GeneratedRegex(@"\s*(//|#(?= 0x)|;).*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
