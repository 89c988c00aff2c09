using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

/// <summary>A workload's subjects, ready to run, and what they share.</summary>
internal sealed class WorkloadInstance(IReadOnlyList<Subject> subjects, IDisposable? shared = null) : IDisposable
{
    private readonly List<Subject> _subjects = [.. subjects];

    internal IReadOnlyList<Subject> Subjects => _subjects;

    /// <summary>Adds one more subject, which is disposed of with the others.</summary>
    internal void Add(Subject subject) => _subjects.Add(subject);

    public void Dispose()
    {
        foreach (Subject subject in Subjects)
            subject.Dispose();
        shared?.Dispose();
    }
}
