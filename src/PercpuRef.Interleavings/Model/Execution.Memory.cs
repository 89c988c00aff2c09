using System.Runtime.CompilerServices;

namespace Percpu.Interleavings.Model;

// Words: in memory, and in store buffers on their way there.
internal sealed unsafe partial class Execution
{
    private int _allocations;

    /// <summary>Which allocation while the threads run fails, from 1; 0 for none.</summary>
    internal int FailingAllocation { get; set; }

    /// <param name="thread">Who loads.</param>
    /// <param name="word">What.</param>
    /// <param name="source">Where in the checked code.</param>
    /// <param name="acquires">Whether later accesses of the thread stay behind it; else it is in no order with those of other words.</param>
    internal long Load(ModelThread thread, long* word, Source source, bool acquires = true)
    {
        Point(thread, StepKind.Load, source);
        int number = Touch((long)word);
        Access(number, writes: false);
        Watch(thread, number);
        long value = Model.EarlyLoads ? ReadEarly(thread, word, number, acquires) : Read(thread, word, number);
        Note(number, value);
        return value;
    }

    /// <summary>Reads a word, perhaps late: nothing in the thread depends on the value.</summary>
    internal void LoadLate(ModelThread thread, long* word, Func<long, bool> holds, string otherwise, Source source)
    {
        if (Model.Overtaking && _running && !_abandoned && !thread.Buffer.Stores(Words.Find((long)word)))
            BeginUse(thread, (long)word, new LateRead(() => *word, holds, otherwise), source);
        else if (!holds(Load(thread, word, source)))
            Fail(Violation.Check, otherwise);
    }

    private void BeginUse(ModelThread thread, long key, LateRead read, Source source)
    {
        Point(thread, StepKind.BeginUse, source);
        thread.Buffer.AddRead(key > 0 ? Touch(key) : TouchKey(key), read, _stepCount - 1, Model.Lanes);
        // As for a store: what a process-wide fence of another thread must wait for, or comes before.
        Access(TouchKey(WordTable.Key(KeySpace.Buffer, thread.Id)), writes: true);
    }

    internal long LoadInStep(ModelThread thread, long* word)
    {
        int number = Touch((long)word);
        Access(number, writes: false);
        Watch(thread, number);
        return Read(thread, word, number);
    }

    internal void Store(ModelThread thread, long* word, long value, bool release, Source source)
    {
        if (Model.Buffers && _running && !_abandoned)
        {
            Point(thread, StepKind.Buffer, source);
            int number = Touch((long)word);
            thread.Buffer.Add(number, word, value, _stepCount - 1, release, Model.Lanes);
            // Nobody sees it yet. But it is what a process-wide fence of another thread must wait for, or comes before.
            Access(TouchKey(WordTable.Key(KeySpace.Buffer, thread.Id)), writes: true);
            Note(number, value);
            return;
        }
        Point(thread, StepKind.Store, source);
        Write(thread, word, Touch((long)word), value);
    }

    internal long CompareExchange(ModelThread thread, long* word, long value, long comparand, Source source)
    {
        Point(thread, StepKind.CompareExchange, source);
        int number = Touch((long)word);
        long before = *word;
        if (before == comparand)
        {
            Write(thread, word, number, value);
        }
        else
        {
            Access(number, writes: false);
            Note(number, before, before);
        }
        Watch(thread, number);
        return before;
    }

    internal long Exchange(ModelThread thread, long* word, long value, Source source)
    {
        Point(thread, StepKind.Exchange, source);
        int number = Touch((long)word);
        long before = *word;
        Write(thread, word, number, value);
        Watch(thread, number);
        return before;
    }

    internal long FetchAdd(ModelThread thread, long* word, long value, Source source)
    {
        Point(thread, StepKind.FetchAdd, source);
        int number = Touch((long)word);
        long before = *word;
        Write(thread, word, number, before + value);
        Watch(thread, number);
        return before;
    }

    /// <summary>Stops before an access to a managed reference, which the caller then makes.</summary>
    internal void BeginReference(ModelThread thread, StepKind kind, Type type, bool writes, Source source)
    {
        Point(thread, kind, source);
        if (!_types.TryGetValue(type, out int index))
            _types.Add(type, index = _types.Count);
        int number = TouchKey(WordTable.Key(KeySpace.References, index));
        Access(number, writes);
        if (writes)
            Words.Change(number, thread.Id);
        Watch(thread, number);
        Note(number, 0);
    }

    /// <summary>An access to something that is not memory, as part of the thread's last step.</summary>
    internal void AccessInStep(long key, bool writes)
    {
        int number = TouchKey(key);
        if (writes)
            CheckNotRead(ModelThread.Current, number);
        Access(number, writes);
        if (writes)
            Words.Change(number, ModelThread.Current.Id);
    }

    /// <summary>A thread's own late read of a word comes before its write; for the checker's words, which are not stored to, that is
    /// not modelled: whoever writes one has gone through a fence.</summary>
    private static void CheckNotRead(ModelThread thread, int number)
    {
        if (thread.Buffer.Reads(number))
            throw new NotSupportedException("A thread writes a word of the checker that it is still to read.");
    }

    /// <summary>Counts an allocation. False, or an exception, when it is the one that the scenario lets fail.</summary>
    internal bool BeginAllocation(ModelThread thread, bool throws)
    {
        if (!_running || FailingAllocation == 0)
            return true;
        // Which thread's allocation is the failing one depends on their order: a step.
        Point(thread, StepKind.Allocate, default);
        Access(TouchKey(WordTable.Key(KeySpace.Allocator, 0)), writes: true);
        if (++_allocations != FailingAllocation)
            return true;
        return throws ? throw new InsufficientMemoryException("This allocation fails by the scenario's wish.") : false;
    }

    internal void Free(ModelThread thread, long address)
    {
        Point(thread, StepKind.Free, default);
        if (Heap.Free(address) is not { } block)
        {
            Fail(Violation.Memory, $"Freed what is not an allocated block: {DescribeAddress(address)}");
            return;
        }
        // In place of everything that might touch the block: frees and earlier accesses are tried in both orders.
        foreach (int word in Words.Touched)
        {
            if ((ulong)(Words.KeyOf(word) - block.Start) >= (ulong)block.Bytes)
                continue;
            Words.MarkFreed(word);
            Access(word, writes: true);
        }
    }

    /// <summary>Zeroes the words of a range in one step. Later accesses count as in another order only behind the first of them.</summary>
    internal void Zero(ModelThread thread, long start, long bytes, long used)
    {
        Point(thread, StepKind.Store, new Source("Zero", 0));
        foreach (int word in Words.Touched)
        {
            long key = Words.KeyOf(word);
            if ((ulong)(key - start) >= (ulong)bytes)
                continue;
            if ((key & 7) == 0)
                *(long*)key = 0;
            if (key - start >= used)
                continue;
            Access(word, writes: true);
            Words.Change(word, thread.Id);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Read(ModelThread thread, long* word, int number) =>
        thread.Buffer.Count > 0 && thread.Buffer.TryForward(number, out long value) ? value : *word;

    private void Write(ModelThread thread, long* word, int number, long value)
    {
        Access(number, writes: true);
        long before = *word;
        Note(number, value, before);
        if (Model.EarlyLoads)
            RecordWrite(thread, number, before);
        if (before == value)
            return;
        *word = value;
        Words.Change(number, thread.Id);
    }

    /// <summary>The number of a word that is about to be accessed: it must lie in a block that was not freed.</summary>
    private int Touch(long address)
    {
        int number = Words.Find(address);
        if (!Words.IsTouched(number))
            TouchFirst(number, address);
        if (Words.IsFreed(number))
            Fail(Violation.Memory, $"Use after free: {DescribeAddress(address)}");
        return number;
    }

    private void TouchFirst(int number, long address)
    {
        ModelHeap.Block? block = Heap.Find(address);
        if (block is null)
            Fail(Violation.Memory, $"Access outside every block: {address:x}");
        if (block!.Value.Freed)
            Fail(Violation.Memory, $"Use after free: {DescribeAddress(address)}");
        if ((address & 7) != 0)
            Fail(Violation.Memory, $"Not aligned: {address:x}");
        Words.Touch(number);
    }

    private int TouchKey(long key)
    {
        int number = Words.Find(key);
        if (!Words.IsTouched(number))
            Words.Touch(number);
        return number;
    }
}
