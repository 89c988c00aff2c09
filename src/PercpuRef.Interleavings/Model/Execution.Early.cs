namespace Percpu.Interleavings.Model;

// Loads that are done before earlier loads, where the memory model lets them: a load may find what its word held at any time
// since the thread's last barrier. Which of these values, the search chooses, in steps of their own behind the load.
internal sealed unsafe partial class Execution
{
    private readonly List<(int Word, long Before)> _writes = [];

    /// <summary>Whether the search is asked for a value: its own thread takes the one at hand, the other process goes back by one.</summary>
    internal bool ChoosesValue { get; private set; }

    /// <summary>Keeps later accesses behind the thread's earlier loads.</summary>
    internal void ReadFence(ModelThread thread, Source source)
    {
        if (Model.EarlyLoads)
            Point(thread, StepKind.ReadFence, source);
    }

    private long ReadEarly(ModelThread thread, long* word, int number, bool acquires)
    {
        if (thread.Buffer.Count > 0 && thread.Buffer.TryForward(number, out long value))
            return value;
        value = *word;
        if (!_running || _abandoned)
            return value;
        int oldest = Math.Max(thread.Floor, thread.SeenAt(number)), at = _writes.Count;
        int older = LastWriteOf(number, oldest, at);
        bool chose = older >= 0;
        while (older >= 0 && ChoosesOlder(thread, number))
        {
            value = _writes[older].Before;
            at = older;
            older = LastWriteOf(number, oldest, at);
        }
        if (at < _writes.Count && thread.Watched.Count > 0)
            thread.Watched[^1] = (number, -1); // There is something newer: a pause has nothing to wait for.
        if (chose && older < 0)
            AddChoice(thread, 1UL << thread.Id); // None is left: the load is over all the same.
        int since = LastWriteOf(number, 0, at) + 1;
        thread.Sees(number, since);
        if (acquires)
            thread.Floor = Math.Max(thread.Floor, since);
        return value;
    }

    private bool ChoosesOlder(ModelThread thread, int number)
    {
        int process = AddChoice(thread, 1UL << thread.Id | 1UL << Processes.Early(thread.Id));
        if (process == thread.Id)
            return false;
        Note(number, 0);
        return true;
    }

    private int AddChoice(ModelThread thread, ulong enabled)
    {
        ChoosesValue = true;
        int process = _search.Choose(this, enabled);
        ChoosesValue = false;
        int load = _stepCount - 1;
        Source source = _steps[load].Source;
        AddStep(process);
        ref Step step = ref _steps[_stepCount - 1];
        step.Kind = process == thread.Id ? StepKind.Take : StepKind.Older;
        step.Source = source;
        step.Enabler = load;
        Access(TouchKey(WordTable.Key(KeySpace.Loads, thread.Id)), writes: true);
        return process;
    }

    private int LastWriteOf(int number, int from, int before)
    {
        for (int i = before - 1; i >= from; i--)
        {
            if (_writes[i].Word == number)
                return i;
        }
        return -1;
    }

    // The order of all writes decides what a load may find, and so does that of writes and barriers.
    private void RecordWrite(ModelThread thread, int number, long before)
    {
        if (!_running || _abandoned)
            return;
        Access(TouchKey(WordTable.Key(KeySpace.Memory, 0)), writes: true);
        _writes.Add((number, before));
        thread.Sees(number, _writes.Count);
    }

    private void KeepLoadsBehind(ModelThread thread)
    {
        Access(TouchKey(WordTable.Key(KeySpace.Memory, 0)), writes: false);
        thread.Floor = _writes.Count;
    }

    private static bool IsBarrier(StepKind kind, ModelThread thread) => kind switch
    {
        StepKind.Load or StepKind.Store or StepKind.Buffer or StepKind.Use or StepKind.BeginUse or StepKind.Allocate or StepKind.End => false,
        StepKind.Start => thread.After is not null,
        _ => true,
    };
}
