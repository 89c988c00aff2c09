namespace Percpu.Interleavings.Model;

/// <summary>Another scheduler than our own: it has the threads, and it chooses who goes on. Sequentially consistent.</summary>
internal abstract class Conductor
{
    /// <summary>Runs the body of every thread of the execution, each on a thread of its own, and returns when all have ended.</summary>
    internal abstract void RunThreads(Execution execution);

    /// <summary>Returns when it is the calling thread's turn and <see cref="Execution.CanGoOn"/> holds for it.</summary>
    internal abstract void Await(ModelThread thread);
}
