using System.Text.RegularExpressions;
using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>How much machine code the JIT makes of the walks that pin pages without a lock, as <see cref="MachineCodeTests"/> counts that of other hot paths.</summary>
public sealed partial class PageWalkMachineCodeTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, int> Bounds = new()
    {
        ["AddressSpace:Pin"] = 115, ["OnePageWalk:TryPin"] = 235, ["FastWalk:Pin"] = 110, ["FastWalk:PinBatch"] = 590,
    };

    [Fact]
    public void A_walk_without_a_lock_has_no_more_instructions_than_it_had_and_allocates_nothing()
    {
        if (!MachineCodeTests.Says())
            return;
        using var folder = new TempFolder();
        string file = folder.At("code.txt");
        OwnProcess.RunWith(
            [
                ("DOTNET_TieredCompilation", "0"), ("DOTNET_JitDisasm", "Pin PinBatch TryPin"), ("DOTNET_JitStdOutFile", file), ("DOTNET_JitDisasmDiffable", "1"),
                ("PERCPU_STRIPES", "thread"),
            ], nameof(PageWalks));
        Dictionary<string, string> methods = Listing().Split(File.ReadAllText(file)).Skip(1).Chunk(2).DistinctBy(each => each[0]).ToDictionary(each => each[0], each => each[1]);
        List<string> wrong = [];
        foreach ((string name, int bound) in Bounds)
        {
            if (!methods.TryGetValue(name, out string? code))
            {
                wrong.Add($"{name}: the JIT listed no such method, only {string.Join(", ", methods.Keys)}.");
                continue;
            }
            int count = MachineCodeTests.Instruction().Count(code);
            output.WriteLine($"{name}: {count} instructions, at most {bound}");
            if (count > bound)
                wrong.Add($"{name}: {count} instructions, and there were at most {bound}.\n{code}");
            if (code.Contains("CORINFO_HELP_NEW", StringComparison.Ordinal))
                wrong.Add($"{name}: it allocates.\n{code}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [GeneratedRegex(@"; Assembly listing for method Percpu\.Pagemap\.(\w+:\w+)\(.*\n")]
    private static partial Regex Listing();
}
