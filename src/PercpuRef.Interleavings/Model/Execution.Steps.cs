using System.Runtime.CompilerServices;

namespace Percpu.Interleavings.Model;

// The record of what has happened, which the search and the printed trace work on.
internal sealed unsafe partial class Execution
{
    private Step[] _steps = new Step[256];
    private int[] _accesses = new int[1024];
    private int _stepCount;
    private int _accessCount;

    internal ref readonly Step StepAt(int index) => ref _steps[index];

    /// <summary>What a step touched: twice the number of each word, plus one where it wrote.</summary>
    internal ReadOnlySpan<int> AccessesOf(int index) =>
        _accesses.AsSpan(_steps[index].FirstAccess, _steps[index].AccessCount);

    private void AddStep(int process)
    {
        if (_stepCount == _steps.Length)
            Array.Resize(ref _steps, _stepCount * 2);
        _progress++;
        ref Step step = ref _steps[_stepCount++];
        step.Process = process;
        step.Kind = StepKind.Start;
        step.Acquires = false;
        step.FirstAccess = _accessCount;
        step.AccessCount = 0;
        step.Enabler = -1;
        step.Displaced = -1;
        step.Moves = false;
        step.Word = -1;
        step.Source = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Access(int word, bool writes)
    {
        if (!_running || _abandoned)
            return;
        if (_accessCount == _accesses.Length)
            Array.Resize(ref _accesses, _accessCount * 2);
        _accesses[_accessCount++] = word << 1 | (writes ? 1 : 0);
        _steps[_stepCount - 1].AccessCount++;
    }

    private void Note(int word, long value, long before = 0)
    {
        if (!_running || _abandoned)
            return;
        ref Step step = ref _steps[_stepCount - 1];
        step.Word = word;
        step.Value = value;
        step.Before = before;
    }

    private void MarkAcquired()
    {
        if (_running && !_abandoned)
            _steps[_stepCount - 1].Acquires = true;
    }

    private string DescribeWaits() =>
        string.Join("; ", Enumerable.Range(0, ThreadCount).Select(id => _threads[id]).Where(thread => !thread.Ended && thread.Body is not null).Select(DescribeWait));

    private string DescribeWait(ModelThread thread) => thread.Pending switch
    {
        StepKind.Start => $"{thread.Name} waits for the end of {thread.After?.Name}",
        StepKind.EnterLock => $"{thread.Name} waits for {DescribeAddress(thread.PendingWord)}",
        StepKind.Unpark => $"{thread.Name} sleeps on {DescribeAddress(thread.PendingWord)}",
        StepKind.Pause => $"{thread.Name} polls {string.Join(", ", thread.Watched.Select(watch => watch.Word).Distinct().Select(DescribeWord))}",
        StepKind.AwaitSignal => $"{thread.Name} waits for '{thread.AwaitedSignal!.Name}'",
        _ => $"{thread.Name} waits ({thread.Pending})",
    };

    private string DescribeWord(int number) => Words.KeyOf(number) is var key and > 0 ? DescribeAddress(key) : new WordNames(this).NameOf(number);

    private string DescribeAddress(long address) => new WordNames(this).NameOfAddress(address);
}
