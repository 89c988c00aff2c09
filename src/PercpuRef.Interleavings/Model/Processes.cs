namespace Percpu.Interleavings.Model;

/// <summary>
/// The numbers of whatever can take a step: threads, the lanes of their store buffers, and, for each fencing thread, the
/// acknowledgement of each target.
/// </summary>
/// <param name="Threads">How many threads there are.</param>
/// <param name="Lanes">How many lanes a store buffer has: 0 without buffers, 1 where all stores stay in order.</param>
/// <param name="EarlyLoads">Whether loads may find older values: then, for each thread, that which goes back to one.</param>
internal readonly record struct Processes(int Threads, int Lanes, bool EarlyLoads = false)
{
    internal int Count => Lanes == 0 ? Threads : FirstEarly + (EarlyLoads ? Threads : 0);

    private int FirstEarly => FirstAcknowledgement + Threads * Threads;

    private int FirstAcknowledgement => Threads * (1 + Lanes);

    /// <summary>The lane of late reads, or -1 where there are none.</summary>
    internal int LateReads => Lanes > 1 ? Lanes - 1 : -1;

    internal int Lane(int thread, int lane) => Threads + thread * Lanes + lane;

    internal int Acknowledgement(int fencing, int target) => FirstAcknowledgement + fencing * Threads + target;

    /// <summary>What chooses an older value for a load of a thread.</summary>
    internal int Early(int thread) => FirstEarly + thread;

    internal bool IsEarly(int process) => EarlyLoads && process >= FirstEarly;

    internal bool IsThread(int process) => process < Threads;

    internal bool IsLane(int process) => process >= Threads && process < FirstAcknowledgement;

    /// <summary>The thread of a lane, or of its loads, or a thread itself.</summary>
    internal int ThreadOf(int process) => process < Threads ? process : IsEarly(process) ? process - FirstEarly : (process - Threads) / Lanes;

    internal int LaneOf(int process) => (process - Threads) % Lanes;

    internal int FencingOf(int acknowledgement) => (acknowledgement - FirstAcknowledgement) / Threads;

    internal int TargetOf(int acknowledgement) => (acknowledgement - FirstAcknowledgement) % Threads;

    /// <summary>The processes of all lanes of a thread, as bits.</summary>
    internal ulong LanesOf(int thread) => ((1UL << Lanes) - 1) << Lane(thread, 0);

    /// <summary>The processes whose steps commute with a step of this one although both touch the same word: of a thread,
    /// its own lanes; of a lane, its own thread.</summary>
    internal ulong Indifferent(int process)
    {
        if (IsThread(process))
            return LanesOf(process);
        return IsLane(process) ? 1UL << ThreadOf(process) : 0;
    }
}
