using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

// What is remembered of each process, and clocks joined from it.
internal sealed partial class CausalOrder
{
    private void Remember(Execution execution, int index)
    {
        ref readonly Step step = ref execution.StepAt(index);
        _lastSteps[step.Process] = index;
        ulong bit = 1UL << step.Process;
        foreach (int access in execution.AccessesOf(index))
        {
            int word = access >> 1;
            if ((_readers[word] | _writers[word]) == 0)
                _touched.Add(word);
            if ((access & 1) != 0)
            {
                _writers[word] |= bit;
                _lastWrites[word * 64 + step.Process] = index + 1;
            }
            else
            {
                _readers[word] |= bit;
                _lastReads[word * 64 + step.Process] = index + 1;
            }
        }
        if (step.Acquires)
            _lastAcquires[step.Word] = index + 1;
    }

    private int LastWrite(int word, int process) =>
        (_writers[word] >> process & 1) != 0 ? _lastWrites[word * 64 + process] - 1 : -1;

    private void JoinLanes(Span<ushort> clock, int thread)
    {
        for (int lane = 0; lane < _numbers.Lanes; lane++)
            JoinLast(clock, _numbers.Lane(thread, lane));
    }

    private void JoinLast(Span<ushort> clock, int process)
    {
        if (_lastSteps[process] >= 0)
            Join(clock, _lastSteps[process]);
    }

    private void Join(Span<ushort> clock, int step)
    {
        ReadOnlySpan<ushort> other = ClockOf(step);
        for (int i = 0; i < clock.Length; i++)
            clock[i] = Math.Max(clock[i], other[i]);
    }
}
