using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>
/// How much machine code the JIT makes of each hot path, counted and not timed: an access that is no longer taken out of a loop, a
/// finally that is no longer copied into the normal path, a local that went to the stack each cost more than they look like in the source.
/// </summary>
/// <remarks>
/// A bound is what .NET 10.0.12 makes on x64 and up to a tenth more, since another patch of the runtime may order registers otherwise; what went wrong
/// so far added a third or more. The methods are in <c>coyote-tests/Torture/Hot.cs</c>. Another runtime, architecture or kind of stripe makes other code: there the test has nothing to say.
/// </remarks>
public sealed partial class MachineCodeTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, int> Bounds = new()
    {
        ["GetPut"] = 68, ["GetPutOfThread"] = 66, ["RefPin"] = 94, ["Put"] = 80, ["ReadByte"] = 69, ["ReadByteOfThread"] = 73, ["Pin"] = 111, ["PinOfThread"] = 118,
        ["View"] = 112, ["Cell"] = 142, ["Epoch"] = 135, ["CallReadByte"] = 47, ["CallPin"] = 88,
    };

    [Fact]
    public void Each_hot_path_has_no_more_instructions_than_it_had_and_copies_its_finally()
    {
        if (!Says())
            return;
        using var folder = new TempFolder();
        string file = folder.At("code.txt");
        OwnProcess.RunWith(
            [
                ("DOTNET_TieredCompilation", "0"), ("DOTNET_JitDisasm", "*Hot:*"), ("DOTNET_JitStdOutFile", file), ("DOTNET_JitDisasmDiffable", "1"),
                ("PERCPU_STRIPES", "thread"),
            ], nameof(HotPaths));
        string listing = File.ReadAllText(file);
        Dictionary<string, string> methods = Listing().Split(listing).Skip(1).Chunk(2).ToDictionary(each => each[0], each => each[1]);
        List<string> wrong = [];
        foreach ((string name, int bound) in Bounds)
        {
            if (!methods.TryGetValue(name, out string? code))
            {
                wrong.Add($"{name}: the JIT listed no such method.");
                continue;
            }
            int count = Instruction().Count(code);
            output.WriteLine($"{name}: {count} instructions, at most {bound}");
            if (count > bound)
                wrong.Add($"{name}: {count} instructions, and there were at most {bound}.\n{code}");
            if (FinallyCall().IsMatch(code))
                wrong.Add($"{name}: the finally is called instead of copied into the normal path.\n{code}");
            if (Locked().IsMatch(code))
                wrong.Add($"{name}: a locked instruction.\n{code}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    internal static bool Says() => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Environment.Version.Major == 10;

    [GeneratedRegex(@"; Assembly listing for method Percpu\.Torture\.Hot:(\w+)\(.*\n")]
    private static partial Regex Listing();

    // Eight spaces or so, and a mnemonic in lower case.
    [GeneratedRegex(@"^ +[a-z]\w*", RegexOptions.Multiline)]
    internal static partial Regex Instruction();

    // An instruction, and not a remark of the JIT such as "14 single block inlinees".
    [GeneratedRegex(@"^ +lock\b", RegexOptions.Multiline)]
    private static partial Regex Locked();

    [GeneratedRegex(@"call +G_M\d+_IG\d+")]
    private static partial Regex FinallyCall();
}
