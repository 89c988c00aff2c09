using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

/// <summary>A workload's subjects, ready to run, and what they share.</summary>
internal sealed class WorkloadInstance(IReadOnlyList<Subject> subjects, IDisposable? shared = null) : IDisposable
{
    internal IReadOnlyList<Subject> Subjects { get; } = subjects;

    public void Dispose()
    {
        foreach (Subject subject in Subjects)
            subject.Dispose();
        shared?.Dispose();
    }
}
