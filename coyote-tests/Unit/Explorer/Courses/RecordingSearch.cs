using Percpu.Interleavings.Exploration;
using Percpu.Interleavings.Model;

namespace Percpu.Unit.Explorer.Courses;

/// <summary>A search that does what another one does, and takes down everything that it is asked and that has happened.</summary>
internal sealed class RecordingSearch(Search inner, Func<string> results) : Search
{
    private const int Told = 8;

    private readonly ExecutionRecord _record = new();
    private int _told;

    internal Digest Digest => _record.Digest;

    internal override bool MoveOn() => inner.MoveOn();

    internal override int Choose(Execution execution, ulong enabled)
    {
        Digest.Add((long)enabled);
        return inner.Choose(execution, enabled);
    }

    internal override bool Conclude(Execution execution)
    {
        bool isNew = inner.Conclude(execution);
        _record.Add(execution, told: _told++ < Told);
        Digest.Add(isNew ? 1 : 0);
        Digest.Add(results());
        return isNew;
    }
}
