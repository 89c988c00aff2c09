using System.Globalization;
using System.Text;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Exploration;

/// <summary>
/// A compact, exact record of one execution: <c>scenario:variant:model:choices</c>. A choice is a thread (a, b, ...), a
/// store of a thread's buffer reaching memory (A, B, ...; through the second lane A', and so on), an older value for its load (<c>a&lt;</c>), or an acknowledgement of a fence (<c>a&gt;b</c>: to a, by b); a
/// number behind it repeats it.
/// </summary>
internal sealed record Trace(string Scenario, int Variant, string Model, string Choices)
{
    private const int MaxSteps = 10_000_000;

    internal static Trace Of(Execution execution, string scenario, int variant)
    {
        var text = new StringBuilder();
        for (int i = 0; i < execution.StepCount;)
        {
            int process = execution.StepAt(i).Process, count = 1;
            while (i + count < execution.StepCount && execution.StepAt(i + count).Process == process)
                count++;
            text.Append(NameOf(process, execution.Processes));
            if (count > 1)
                text.Append(CultureInfo.InvariantCulture, $"{count}");
            i += count;
        }
        return new Trace(scenario, variant, execution.Model.Name, text.ToString());
    }

    internal static Trace Parse(string text)
    {
        string[] parts = text.Trim().Split(':');
        return parts.Length == 4 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int variant)
            ? new Trace(parts[0], variant, parts[2], parts[3])
            : throw new FormatException("A trace has the form scenario:variant:model:choices.");
    }

    /// <summary>The processes chosen, one for each step.</summary>
    internal List<int> Decode(Processes processes)
    {
        var choices = new List<int>();
        for (int at = 0; at < Choices.Length;)
        {
            int process = DecodeProcess(Choices, ref at, processes);
            int digits = at;
            while (digits < Choices.Length && char.IsAsciiDigit(Choices[digits]))
                digits++;
            int count = 1;
            if (digits > at && (!int.TryParse(Choices.AsSpan(at, digits - at), NumberStyles.None, CultureInfo.InvariantCulture, out count) || count > MaxSteps - choices.Count))
                throw new FormatException($"A trace of more than {MaxSteps} steps.");
            at = digits;
            for (int i = 0; i < count; i++)
                choices.Add(process);
        }
        return choices;
    }

    public override string ToString() => $"{Scenario}:{Variant}:{Model}:{Choices}";

    private static int DecodeProcess(string text, ref int at, Processes processes)
    {
        char first = text[at++];
        if (first is >= 'A' and <= 'Z' && processes.Lanes > 0)
        {
            int lane = 0;
            for (; at < text.Length && text[at] == '\''; at++)
                lane++;
            return processes.Lane(first - 'A', Math.Min(lane, processes.Lanes - 1));
        }
        if (first is < 'a' or > 'z')
            throw new FormatException($"'{first}' is no choice.");
        if (at < text.Length && text[at] == '<')
        {
            at++;
            return processes.EarlyLoads ? processes.Early(first - 'a') : throw new FormatException("No load finds an older value under this memory model.");
        }
        if (at + 1 >= text.Length || text[at] != '>')
            return first - 'a';
        int target = text[at + 1] - 'a';
        if (target is < 0 or >= Execution.MaxThreads)
            throw new FormatException($"'{text[at + 1]}' is no thread.");
        at += 2;
        return processes.Acknowledgement(first - 'a', target);
    }

    private static string NameOf(int process, Processes processes)
    {
        if (processes.IsThread(process))
            return $"{(char)('a' + process)}";
        if (processes.IsEarly(process))
            return $"{(char)('a' + processes.ThreadOf(process))}<";
        if (processes.IsLane(process))
            return (char)('A' + processes.ThreadOf(process)) + new string('\'', processes.LaneOf(process));
        return $"{(char)('a' + processes.FencingOf(process))}>{(char)('a' + processes.TargetOf(process))}";
    }
}
