using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Words;

/// <summary>
/// Where nothing is explored, the JIT makes the same machine code of a word as of a field and Volatile or Interlocked: the same instructions, or, where
/// it chooses other registers, no more of them and the same accesses of memory (the pairs: <c>coyote-tests/Programs/WordOrField.cs</c>). The listing is read as x64's; elsewhere the test has nothing to say.
/// </summary>
public sealed partial class WordCodeTests(ITestOutputHelper output)
{
    [Fact]
    public void A_word_is_the_same_machine_code_as_a_field()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return;
        using var folder = new TempFolder();
        string file = folder.At("code.txt");
        OwnProcess.RunWith(
            [("DOTNET_TieredCompilation", "0"), ("DOTNET_JitDisasm", "*WordOrField:*"), ("DOTNET_JitStdOutFile", file), ("DOTNET_JitDisasmDiffable", "1")], nameof(WordPaths));
        Dictionary<string, string> methods = Listing().Split(File.ReadAllText(file)).Skip(1).Chunk(2).ToDictionary(each => each[0], each => Code(each[1]));
        string[] names = [.. methods.Keys.Where(name => name.StartsWith("Plain_", StringComparison.Ordinal)).Select(name => name[6..])];
        Assert.True(names.Length == 18, $"The JIT listed {methods.Count} methods: {string.Join(' ', methods.Keys)}");
        List<string> wrong = [];
        foreach (string name in names)
        {
            string plain = methods["Plain_" + name], word = methods["Word_" + name];
            output.WriteLine($"{name}: {Count(word)} instructions, {Count(plain)} of the field{(plain == word ? "" : ", with other registers")}");
            if (plain != word && (Count(word) > Count(plain) || Operations(word) != Operations(plain)))
                wrong.Add($"{name} of a field:\n{plain}\nof a word:\n{word}\n");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static int Count(string code) => code.Split('\n').Length;

    // What touches memory, is locked or called, in its order: without the registers.
    private static string Operations(string code) => string.Join(' ', code.Split('\n')
        .Where(line => !line.StartsWith("lea", StringComparison.Ordinal) && (line.Contains('[', StringComparison.Ordinal) || line.StartsWith("lock", StringComparison.Ordinal) || line.StartsWith("call", StringComparison.Ordinal)))
        .Select(line => line.Split(' ')[0] + (line.StartsWith("call", StringComparison.Ordinal) ? line[4..] : "")));

    // Instructions alone: no remarks, and labels without the number of their method.
    private static string Code(string listing) => string.Join('\n', Instruction().Matches(listing).Select(line => Label().Replace(line.Value.Trim(), "IG")));

    [GeneratedRegex(@"; Assembly listing for method Percpu\.Programs\.WordOrField:(\w+)\(.*\n")]
    private static partial Regex Listing();

    [GeneratedRegex(@"^ +[a-z].*$", RegexOptions.Multiline)]
    private static partial Regex Instruction();

    [GeneratedRegex(@"G_M\d+_IG")]
    private static partial Regex Label();
}
