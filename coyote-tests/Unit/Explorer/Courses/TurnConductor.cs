using Percpu.Interleavings;
using Percpu.Interleavings.Model;
using Percpu.Unit.Support;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>A scheduler that is not ours, and repeatable: when all threads wait, one of those that can go on has its turn.</summary>
internal sealed class TurnConductor(int seed) : Conductor
{
    private const int Nobody = -1;

    private readonly Random _random = new(seed);
    private readonly object _gate = new();
    private readonly SortedSet<int> _waiting = [];
    private int _running;
    private int _turn = Nobody;

    /// <summary>What was asked before each turn: who could go on, and whether he was alone.</summary>
    internal Digest Asked { get; } = new();

    internal override void RunThreads(Execution execution)
    {
        _running = execution.ThreadCount;
        Worker[] threads = [.. Enumerable.Range(0, execution.ThreadCount).Select(id => new Worker(() => RunThread(execution, id)))];
        foreach (Worker thread in threads)
            thread.Join("its turn");
    }

    internal override void Await(ModelThread thread)
    {
        lock (_gate)
        {
            _waiting.Add(thread.Id);
            Stop(thread.Execution);
            while (_turn != thread.Id)
                Assert.True(Monitor.Wait(_gate, TimeSpan.FromSeconds(30)), "Nobody has his turn.");
            _turn = Nobody;
            _waiting.Remove(thread.Id);
            _running++;
        }
    }

    private void RunThread(Execution execution, int id)
    {
        execution.RunThread(execution.Thread(id));
        lock (_gate)
            Stop(execution);
    }

    private void Stop(Execution execution)
    {
        if (--_running > 0 || _waiting.Count == 0)
            return;
        int[] ready = [.. _waiting.Where(id => execution.Thread(id).CanGoOn())];
        if (ready.Length == 0)
        {
            execution.GiveUp();
            ready = [.. _waiting.Where(id => execution.Thread(id).CanGoOn())];
        }
        foreach (int id in ready)
            Asked.Add(id << 1 | (execution.IsAlone(execution.Thread(id)) ? 1 : 0));
        _turn = ready[_random.Next(ready.Length)];
        Monitor.PulseAll(_gate);
    }
}
