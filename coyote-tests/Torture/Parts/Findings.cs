using System.Diagnostics;

namespace Percpu.Torture.Parts;

/// <summary>What was found wrong. The first ones are kept; any one ends the run.</summary>
internal sealed class Findings
{
    private const int Kept = 20;

    private readonly Lock _lock = new();
    private readonly List<string> _violations = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile bool _any;
    private volatile string? _starved;

    internal bool Any => _any || _starved is not null;

    /// <summary>Who had no memory, where that is documented behaviour: the run says nothing then. Null if nobody.</summary>
    internal string? Starved => _starved;

    /// <summary>Memory or address space has run out, as under <c>ulimit -v</c>. Ends the run, and proves nothing against the library.</summary>
    internal void OutOfMemory(OutOfMemoryException exception, Member? who = null) => _starved ??= $"{who?.ToString() ?? "end of run"}: {exception.GetType().Name}: {exception.Message}";

    internal void Violation(string what, Member? who = null)
    {
        lock (_lock)
        {
            if (_violations.Count < Kept)
                _violations.Add($"{Stopwatch.GetElapsedTime(_started).TotalSeconds:F3} s, {who?.ToString() ?? "end of run"}: {what}");
        }
        _any = true;
    }

    internal List<string> ToList()
    {
        lock (_lock)
            return [.. _violations];
    }
}
