using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Words;

/// <summary>
/// Where nothing is explored, the JIT makes the same machine code of a word as of a field and Volatile or Interlocked: the same instructions, or, where
/// it chooses other registers, no more of them and the same accesses of memory. The listing is read as x64's; elsewhere the test has nothing to say.
/// </summary>
public sealed partial class WordCodeTests(ITestOutputHelper output)
{
    private const string Program = """
        using System.Runtime.CompilerServices;
        using Percpu.Interleavings;

        if (Exploring.IsSupported)
            throw new InvalidOperationException("The switch is on.");
        new Worded().Word.Write(new AtomicLong(1).Read()); // Statics are constants to code that is compiled after that.
        unsafe
        {
            long word = 0;
            var plain = new Plain();
            var worded = new Worded();
            foreach (var method in typeof(Hot).GetMethods().Where(method => method.IsStatic && method.DeclaringType == typeof(Hot)))
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            Hot.Plain_Read(plain); Hot.Word_Read(worded); Hot.Plain_NativeRead(&word); Hot.Word_NativeRead(&word);
        }

        sealed class Plain { public long Word; }
        sealed class Worded { public AtomicLong Word; }
        sealed class PlainLink { public string? Link; }
        sealed class WordedLink { public AtomicReference<string> Link; }

        static unsafe class Hot
        {
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_Read(Plain p) => Volatile.Read(ref p.Word);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_Read(Worded p) => p.Word.Read();
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_ReadRelaxed(Plain p) => p.Word;
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_ReadRelaxed(Worded p) => p.Word.ReadRelaxed();
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_Write(Plain p, long v) => Volatile.Write(ref p.Word, v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_Write(Worded p, long v) => p.Word.Write(v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_WriteRelaxed(Plain p, long v) => p.Word = v;
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_WriteRelaxed(Worded p, long v) => p.Word.WriteRelaxed(v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_Exchange(Plain p, long v) => Interlocked.Exchange(ref p.Word, v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_Exchange(Worded p, long v) => p.Word.Exchange(v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_CompareExchange(Plain p, long v, long c) => Interlocked.CompareExchange(ref p.Word, v, c);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_CompareExchange(Worded p, long v, long c) => p.Word.CompareExchange(v, c);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_Add(Plain p, long v) => Interlocked.Add(ref p.Word, v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_Add(Worded p, long v) => p.Word.Add(v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static string? Plain_ReadLink(PlainLink p) => Volatile.Read(ref p.Link);
            [MethodImpl(MethodImplOptions.NoInlining)] public static string? Word_ReadLink(WordedLink p) => p.Link.Read();
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_WriteLink(PlainLink p, string? v) => Volatile.Write(ref p.Link, v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_WriteLink(WordedLink p, string? v) => p.Link.Write(v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static string? Plain_ExchangeLink(PlainLink p, string? v) => Interlocked.Exchange(ref p.Link, v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static string? Word_ExchangeLink(WordedLink p, string? v) => p.Link.Exchange(v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static string? Plain_CompareExchangeLink(PlainLink p, string? v, string? c) => Interlocked.CompareExchange(ref p.Link, v, c);
            [MethodImpl(MethodImplOptions.NoInlining)] public static string? Word_CompareExchangeLink(WordedLink p, string? v, string? c) => p.Link.CompareExchange(v, c);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_NativeRead(long* w) => Volatile.Read(ref *w);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_NativeRead(long* w) => NativeWord.Read(w);
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_NativeWrite(long* w, long v) => Volatile.Write(ref *w, v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_NativeWrite(long* w, long v) => NativeWord.Write(w, v);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_NativeCompareExchange(long* w, long v, long c) => Interlocked.CompareExchange(ref *w, v, c);
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_NativeCompareExchange(long* w, long v, long c) => NativeWord.CompareExchange(w, v, c);
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_Fence() => Interlocked.MemoryBarrier();
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_Fence() => Fence.Full();
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_ReadFence() => Volatile.ReadBarrier();
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_ReadFence() => Fence.Read();
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_WriteFence() => Volatile.WriteBarrier();
            [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_WriteFence() => Fence.Write();
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_Loop(Plain p, int n) { long s = 0; for (int i = 0; i < n; i++) s += Volatile.Read(ref p.Word); return s; }
            [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_Loop(Worded p, int n) { long s = 0; for (int i = 0; i < n; i++) s += p.Word.Read(); return s; }
        }
        """;

    [Fact]
    public void A_word_is_the_same_machine_code_as_a_field()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return;
        using var folder = new TempFolder();
        string file = folder.At("code.txt");
        Programs.Run(Program, ("DOTNET_TieredCompilation", "0"), ("DOTNET_JitDisasm", "Hot:*"), ("DOTNET_JitStdOutFile", file), ("DOTNET_JitDisasmDiffable", "1"));
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

    [GeneratedRegex(@"; Assembly listing for method Hot:(\w+)\(.*\n")]
    private static partial Regex Listing();

    [GeneratedRegex(@"^ +[a-z].*$", RegexOptions.Multiline)]
    private static partial Regex Instruction();

    [GeneratedRegex(@"G_M\d+_IG")]
    private static partial Regex Label();
}
