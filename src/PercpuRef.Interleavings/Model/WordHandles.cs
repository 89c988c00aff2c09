namespace Percpu.Interleavings.Model;

/// <summary>
/// Where the words of fields are in an execution's memory. The first access puts a handle into the field: 16 bits that mark it, 10 of
/// the explorer, 20 of the iteration, 18 of the word. So a word of an earlier iteration is known, whoever touches it.
/// </summary>
internal sealed unsafe class WordHandles
{
    internal const int MaxWords = 1 << WordBits;
    private const int WordBits = 18, IterationBits = 20, SlotBits = 10;
    private const long Mark = 0x5EA1;

    private static readonly WordHandles?[] Slots = new WordHandles?[1 << SlotBits];
    private static readonly AsyncLocal<WordHandles?> Around = new();
    private static int _lastSlot;

    private Execution? _execution;
    private readonly long _slot = Interlocked.Increment(ref _lastSlot) & ((1 << SlotBits) - 1);
    private long _iteration;
    private long _tag;
    private int _most;

    internal WordHandles(Execution execution)
    {
        _execution = execution;
        Volatile.Write(ref Slots[_slot], this);
    }

    /// <summary>Threads and tasks that the calling thread starts from now on are the scenario's own doing.</summary>
    internal void Surround() => Around.Value = this;

    internal void StartExecution()
    {
        _most = MostWords;
        _iteration = (_iteration + 1) & ((1 << IterationBits) - 1);
        _tag = Mark << (SlotBits + IterationBits) | _slot << IterationBits | _iteration;
    }

    /// <summary>From now on nothing runs that could be told. What its words are is still known.</summary>
    internal void Close()
    {
        _most = MostWords;
        _execution = null;
    }

    private int MostWords => Math.Max(_most, _execution?.Heap.WordCount ?? 0);

    internal long* Locate(ref long field, Source source)
    {
        long value = field;
        if (value >> WordBits == _tag)
            return _execution!.Heap.WordAt((int)(value & (MaxWords - 1)));
        if (Find(value) is not null)
            RefuseEarlier(source);
        field = _tag << WordBits | (long)_execution!.Heap.AddWord(value, out long* word);
        return word;
    }

    internal long* Locate(ref object? field, Source source)
    {
        if (field is OfReference handle)
        {
            if (handle.Owner != this || handle.Iteration != _iteration)
                RefuseEarlier(source);
            return handle.Word;
        }
        _execution!.Heap.AddWord(_execution.NumberOf(field), out long* word);
        _execution.ReferenceWords.Add((long)word);
        field = new OfReference(this, _iteration, word);
        return word;
    }

    /// <summary>Whose handle a field's value is; null if it is a value.</summary>
    internal static WordHandles? Find(long value)
    {
        if (value >> (WordBits + IterationBits + SlotBits) != Mark)
            return null;
        WordHandles? handles = Volatile.Read(ref Slots[value >> (WordBits + IterationBits) & ((1 << SlotBits) - 1)]);
        return handles is not null && (value & (MaxWords - 1)) < handles.MostWords ? handles : null;
    }

    /// <summary>Reports a thread that is not of the scenario, and lets it go no further.</summary>
    /// <exception cref="InvalidOperationException">Always, but on a thread that the scenario has started: an exception there would end the process.</exception>
    internal void RefuseForeign(Source source)
    {
        string message = $"A thread that is not the scenario's touches a word of it, in {source.Member}, line {source.Line}: threads come from Stage.NewThread, and none may be left running.";
        Execution? execution = _execution;
        execution?.Interfere(message);
        if (Around.Value is null || Thread.CurrentThread.IsThreadPoolThread)
            throw new InvalidOperationException(execution is null ? $"A word of a scenario is touched that is over, in {source.Member}, line {source.Line}." : message);
        Thread.CurrentThread.IsBackground = true;
        Thread.Sleep(Timeout.Infinite);
    }

    private void RefuseEarlier(Source source) => _execution!.Fail(
        Violation.Misuse,
        $"A word of an earlier iteration or of another scenario is touched, in {source.Member}, line {source.Line}: make everything anew in the scenario.");

    /// <summary>A handle in place of a reference.</summary>
    internal sealed class OfReference(WordHandles owner, long iteration, long* word)
    {
        internal WordHandles Owner { get; } = owner;

        internal long Iteration { get; } = iteration;

        internal long* Word { get; } = word;
    }
}
