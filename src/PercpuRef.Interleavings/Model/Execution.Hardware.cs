namespace Percpu.Interleavings.Model;

// Fences, and the steps that the hardware takes by itself.
internal sealed unsafe partial class Execution
{
    internal void FullFence(ModelThread thread, Source source)
    {
        if (Model.Buffers)
            Point(thread, StepKind.Fence, source);
    }

    /// <summary>
    /// Every other thread executes a full fence at some time between the begin and the end, each at its own: an
    /// acknowledgement of a target is possible when its buffer is empty.
    /// </summary>
    internal void ProcessWideFence(ModelThread thread, Source source)
    {
        ProcessWideFences++;
        if (!Model.ProcessWideFence)
        {
            FullFence(thread, source);
            return;
        }
        if (!Model.Buffers || !_running)
            return;
        FenceEverybody(thread, restarts: false, source);
    }

    private void FenceEverybody(ModelThread thread, bool restarts, Source source)
    {
        Point(thread, StepKind.BeginProcessWideFence, source);
        thread.FenceStep = _stepCount - 1;
        thread.Restarts = restarts;
        thread.Unacknowledged = ((1u << ThreadCount) - 1) & ~(1u << thread.Id);
        Point(thread, StepKind.EndProcessWideFence, source);
    }

    /// <summary>The light half of the asymmetric fence: keeps stores in order, where the machine would not.</summary>
    internal void LightFence(ModelThread thread, Source source)
    {
        if (!Model.ProcessWideFence)
            FullFence(thread, source);
        else if (_running)
            thread.Buffer.KeepOrder();
    }

    private void RunHardware(int process)
    {
        Processes processes = Processes;
        if (processes.IsLane(process))
            Flush(_threads[processes.ThreadOf(process)], processes.LaneOf(process));
        else
            Acknowledge(_threads[processes.FencingOf(process)], processes.TargetOf(process));
    }

    private void Flush(ModelThread thread, int lane)
    {
        StoreBuffer.Entry oldest = thread.Buffer.Remove(lane);
        ref Step step = ref _steps[_stepCount - 1];
        step.Kind = StepKind.Flush;
        step.Enabler = oldest.Step;
        step.Sequence = oldest.Sequence;
        step.After = oldest.After;
        step.Source = _steps[oldest.Step].Source;
        if (oldest.Read is { } read)
            HappenNow(thread, oldest.Word, read);
        else if (Words.IsFreed(oldest.Word))
            Abandon(Violation.Memory, $"A buffered store of {thread.Name} reaches freed memory: {DescribeAddress((long)oldest.Address)}");
        else
            Write(thread, oldest.Address, oldest.Word, oldest.Value);
    }

    private void HappenNow(ModelThread thread, int word, LateRead read)
    {
        _steps[_stepCount - 1].Kind = StepKind.Use;
        Access(word, writes: false);
        if (Words.IsFreed(word))
        {
            Abandon(Violation.Memory, $"A late read of {thread.Name} finds freed memory: {DescribeAddress(Words.KeyOf(word))}");
            return;
        }
        long value = read.Value();
        Note(word, value);
        if (!read.Holds(value))
            Abandon(Violation.Check, read.Otherwise);
    }

    private void Acknowledge(ModelThread fencing, int target)
    {
        fencing.Unacknowledged &= ~(1u << target);
        ref Step step = ref _steps[_stepCount - 1];
        step.Kind = StepKind.Acknowledge;
        step.Enabler = fencing.FenceStep;
        Access(TouchKey(WordTable.Key(KeySpace.Buffer, target)), writes: false);
        if (Model.EarlyLoads)
            KeepLoadsBehind(_threads[target]); // It is a full fence of that thread.
        if (fencing.Restarts)
            RestartByFence(_threads[target]);
    }
}
