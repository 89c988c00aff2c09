using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>
/// What a small program in words works on, and what its words do. A program is its threads, with bars between them; a thread
/// is its operations, with semicolons between them; before the first thread, what begins with @ is arranged.
/// </summary>
/// <remarks>x, y and z are words with names, m a mode of sections, l a lock; f, g and h are fields, of which h has no name; b and c are blocks of two words.</remarks>
internal sealed unsafe partial class CourseWorld
{
    private static readonly Regex Address = new("\\b[0-9a-f]{10,16}\\b");

    private readonly Stage _stage;
    private readonly Execution _execution;
    private readonly Fields _fields = new();
    private readonly Dictionary<string, nint> _words = [];
    private readonly StringBuilder[] _results;
    private readonly bool[] _holds = new bool[Execution.MaxThreads + 1];
    private readonly Ghost _ghost;
    private readonly Signal _signal;
    private readonly long _done;
    private readonly TaskCompletionSource _source = new();
    private readonly AtomicLock _lock = new();
    private readonly Parker _parker = new();

    internal CourseWorld(Stage stage, string program)
    {
        _stage = stage;
        _execution = stage.Execution;
        foreach (string name in (string[])["x", "y", "z", "l", "m"])
            _words[name] = (nint)stage.Word(name);
        foreach (string name in (string[])["b", "c"])
            _words[name] = (nint)NativeWord.Allocate(2);
        stage.Name(ref _fields.F, "f");
        stage.Name(ref _fields.G, "g");
        stage.Name(ref _fields.Link, "link");
        _ghost = stage.Ghost("ghost");
        _signal = stage.Signal("signal");
        _done = _execution.NewKey(KeySpace.Completion);
        for (int i = 0; i < Execution.ProcessorCount; i++)
            _execution.ProcessorAreas[i] = _execution.Heap.Allocate(4 * sizeof(long));
        Write("m", sizeof(long));

        string[] threads = program.Split('|');
        _results = [.. threads.Select(_ => new StringBuilder()), new StringBuilder()];
        string[][] first = Parse(threads[0]);
        string[][] arranged = [.. first.Where(operation => operation[0][0] == '@')];
        int after = Array.Find(arranged, operation => operation[0] == "@after") is { } order ? Number(order[1]) : -1;
        for (int i = 0; i < threads.Length; i++)
        {
            int thread = i;
            string[][] operations = [.. (i == 0 ? first : Parse(threads[i])).Where(operation => operation[0][0] != '@')];
            stage.NewThread($"t{i}", () => Perform(thread, operations), i == after ? _execution.Thread(0) : null);
        }
        foreach (string[] operation in arranged)
            Arrange(operation);
    }

    /// <summary>What the operations returned, by thread.</summary>
    internal string Results => string.Join('/', _results.Select(each => each.ToString()));

    /// <summary>A text in which an address is told from the first word's: where that lies, the system says.</summary>
    internal static string WithoutAddresses(CourseWorld? world, string text) => world is null ? text
        : Address.Replace(text, each => $"x+{long.Parse(each.Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) - world._words["x"]:x}");

    private static string[][] Parse(string text) => [.. text.Split(';').Select(each => each.Trim().Split(' '))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static long Value(string text) => text == "none" ? long.MinValue : Number(text);

    private void Arrange(string[] operation)
    {
        switch (operation[0])
        {
            case "@spare":
                _stage.SpareThread("spare");
                break;
            case "@fail":
                _execution.FailingAllocation = Number(operation[1]);
                break;
            case "@stop":
                Stage.Stop(_execution.Thread(Number(operation[1])), Number(operation[2]), _signal);
                break;
            case "@set":
                Write(operation[1], Number(operation[2]));
                break;
            case "@final":
                _stage.Finally(() => Check.That(Read(operation[1]) == Number(operation[2]), $"{operation[1]} is {Read(operation[1])}"));
                break;
            case "@do":
                Perform(_results.Length - 1, [operation[1..]]);
                break;
            case "@as":
                Execution.RunAs(_execution.Thread(Number(operation[1])), () => Perform(_results.Length - 1, [operation[2..]]));
                break;
        }
    }

    private void Perform(int thread, string[][] operations)
    {
        for (int i = 0; i < operations.Length; i++)
        {
            StringBuilder results = _results[thread];
            try
            {
                object? result = Perform(operations[i], new Source(operations[i][0], i + 1), results);
                if (result is not null)
                    results.Append(CultureInfo.InvariantCulture, $"{result} ");
            }
            catch (Exception exception) when (exception is ThreadInterruptedException or InsufficientMemoryException)
            {
                results.Append(CultureInfo.InvariantCulture, $"{exception.GetType().Name} ");
            }
        }
    }

    private object? Perform(string[] operation, Source source, StringBuilder results)
    {
        string word = operation.Length > 1 ? operation[1] : "";
        return word is "f" or "g" or "h" ? PerformOnField(operation, ref Field(word), source)
            : _words.TryGetValue(word, out nint address) && PerformOnWord(operation, (long*)address, source, out object? result) ? result
            : PerformOther(operation, source, results);
    }

    private ref AtomicLong Field(string name) => ref name == "f" ? ref _fields.F : ref name == "g" ? ref _fields.G : ref _fields.H;

    private static long? PerformOnField(string[] operation, ref AtomicLong field, Source source)
    {
        (string member, int line) = source;
        switch (operation[0])
        {
            case "release": field.Write(Number(operation[2]), member, line); return null;
            case "store": field.WriteRelaxed(Number(operation[2]), member, line); return null;
        }
        return operation[0] switch
        {
            "load" => field.Read(member, line),
            "relaxed" => field.ReadRelaxed(member, line),
            "add" => field.Add(Number(operation[2]), member, line),
            "swap" => field.Exchange(Number(operation[2]), member, line),
            "cas" => field.CompareExchange(Number(operation[3]), Number(operation[2]), member, line),
            _ => throw new FormatException(operation[0]),
        };
    }

    private bool PerformOnWord(string[] operation, long* word, Source source, out object? result)
    {
        (string member, int line) = source;
        ModelThread thread = ModelThread.Current;
        result = null;
        switch (operation[0])
        {
            case "load": result = NativeWord.Read(word, member, line); break;
            case "relaxed": result = NativeWord.ReadRelaxed(word, member, line); break;
            case "release": NativeWord.Write(word, Value(operation[2]), member, line); break;
            case "store": NativeWord.WriteRelaxed(word, Value(operation[2]), member, line); break;
            case "second": result = NativeWord.Read(word + 1, member, line); break;
            case "askew": result = NativeWord.Read((long*)((byte*)word + 1), member, line); break;
            case "beyond": result = NativeWord.Read(word + 2, member, line); break;
            case "add": result = NativeWord.Add(word, Number(operation[2]), member, line); break;
            case "swap": result = NativeWord.Exchange(word, Number(operation[2]), member, line); break;
            case "cas": result = NativeWord.CompareExchange(word, Number(operation[3]), Number(operation[2]), member, line); break;
            case "free": NativeWord.Free(word); break;
            case "zero": _execution.Zero(thread, (long)word, 2 * sizeof(long), Number(operation[2]) * sizeof(long)); break;
            case "check": Check.That(NativeWord.Read(word, member, line) == Number(operation[2]), $"{operation[1]} is not {operation[2]}"); break;
            default: return PerformWait(operation, word, source, out result);
        }
        return true;
    }

    private long Read(string name) => name is "f" or "g" or "h" ? Field(name).Read() : NativeWord.Read((long*)_words[name]);

    private void Write(string name, long value)
    {
        if (name is "f" or "g" or "h")
            Field(name).Write(value);
        else
            NativeWord.Write((long*)_words[name], value);
    }

    private sealed class Fields
    {
        internal AtomicLong F;
        internal AtomicLong G;
        internal AtomicLong H;
        internal AtomicReference<string> Link;
    }
}
