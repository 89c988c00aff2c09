using Percpu.Torture.Running;

namespace Percpu.Torture.Litmus;

/// <summary>A pair of sides, and what is expected of it.</summary>
internal sealed class LitmusTest
{
    private const int MostAttempts = 5;
    private const string OnlyA = "A saw B", OnlyB = "B saw A", Neither = "neither";
    private const string Nothing = "nothing", FlagOnly = "flag without data", Both = "flag and data";

    // At what the sides returned.
    private static readonly string[,] StoreOutcomes = { { Neither, OnlyB }, { OnlyA, "each saw the other" } };
    private static readonly string[,] MessageOutcomes = { { Nothing, FlagOnly, "data only", Both } };

    private readonly Action<LockStep, double> _run;
    private readonly int _delayBits;
    private readonly bool _isMessagePassing;

    private LitmusTest(string name, bool isControl, int delayBits, bool isMessagePassing, Action<LockStep, double> run)
    {
        Name = name;
        IsControl = isControl;
        _delayBits = delayBits;
        _isMessagePassing = isMessagePassing;
        _run = run;
    }

    internal string Name { get; }

    /// <summary>Whether the outcome that the others forbid must be seen: else the hardware, or our timing, shows nothing.</summary>
    internal bool IsControl { get; }

    /// <summary>Its part of the time: a process-wide fence is a thousand times slower than the rest.</summary>
    internal double Share => _delayBits > 8 ? 3 : 1;

    internal static LitmusTest StoreBuffering<TA, TB>(string name, bool isControl, int delayBits)
        where TA : struct, IFence where TB : struct, IFence =>
        new(name, isControl, delayBits, isMessagePassing: false, static (pair, seconds) => pair.Run<StoresX<TA>, StoresY<TB>>(seconds));

    internal static LitmusTest MessagePassing(string name) =>
        new(name, isControl: false, delayBits: 5, isMessagePassing: true, static (pair, seconds) => pair.Run<Sends, Receives>(seconds));

    /// <summary>Runs it and adds what is wrong or missing to the report.</summary>
    internal void Run(double seconds, ulong seed, SegmentReport report)
    {
        LitmusReport result = Measure(seconds, seed, [], 0);
        // A machine on which others run gives the two threads little time together: more of it, before giving up.
        for (int i = 1; i < MostAttempts && WhatIsMissing(result) is not null; i++)
            result = Measure(seconds, seed + (ulong)i, result.Outcomes, result.Iterations);
        report.Litmus.Add(result);
        if (!IsControl && result.ForbiddenSeen > 0)
            report.Violations.Add($"{Name}: '{result.Forbidden}' was seen {result.ForbiddenSeen} times in {result.Iterations} rounds");
        if (WhatIsMissing(result) is { } missing)
            report.Missing.Add($"{Name}: {missing} in {result.Iterations} rounds");
    }

    private LitmusReport Measure(double seconds, ulong seed, SortedDictionary<string, long> before, long roundsBefore)
    {
        var pair = new LockStep(seed, _delayBits);
        _run(pair, seconds);
        string[,] names = _isMessagePassing ? MessageOutcomes : StoreOutcomes;
        var outcomes = new SortedDictionary<string, long>(before, StringComparer.Ordinal);
        for (int a = 0; a < names.GetLength(0); a++)
        {
            for (int b = 0; b < names.GetLength(1); b++)
                outcomes[names[a, b]] = outcomes.GetValueOrDefault(names[a, b]) + pair.Outcomes[a, b];
        }
        string forbidden = _isMessagePassing ? FlagOnly : Neither;
        string expectation = IsControl ? $"control: '{forbidden}' must be seen" : $"'{forbidden}' never";
        return new LitmusReport(Name, expectation, roundsBefore + pair.Rounds, outcomes, forbidden, outcomes[forbidden], IsControl);
    }

    /// <summary>What a verdict needs: a control that shows the reordering, and sides that came in either order.</summary>
    private string? WhatIsMissing(LitmusReport result)
    {
        if (IsControl && result.ForbiddenSeen == 0)
            return $"the control did not show '{result.Forbidden}'";
        bool eitherOrder = _isMessagePassing
            ? result.Outcomes[Nothing] > 0 && result.Outcomes[Both] > 0
            : result.Outcomes[OnlyA] > 0 && result.Outcomes[OnlyB] > 0;
        return eitherOrder ? null : "the sides came only in one order";
    }
}
