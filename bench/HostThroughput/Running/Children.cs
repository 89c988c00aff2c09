using System.Diagnostics;
using System.Globalization;

namespace Percpu.HostThroughput;

/// <summary>Rows that child processes measure: each writes lines of a name and nanoseconds.</summary>
internal static class Children
{
    /// <summary>Runs the subjects in turn, some rounds, and prints for each row the median of each subject and how many
    /// times as fast as the first one it is.</summary>
    internal static int Compare(string[] subjects, int rounds, Func<string, string[]> arguments)
    {
        var measured = new Dictionary<(string Row, string Subject), List<double>>();
        var rows = new List<string>();
        for (int round = 0; round < rounds; round++)
        {
            foreach (string subject in subjects)
            {
                foreach (string line in Run(arguments(subject)))
                {
                    string[] parts = line.Split('\t');
                    if (parts.Length != 2)
                        continue;
                    if (!rows.Contains(parts[0]))
                        rows.Add(parts[0]);
                    if (!measured.TryGetValue((parts[0], subject), out List<double>? values))
                        measured[(parts[0], subject)] = values = [];
                    values.Add(double.Parse(parts[1], CultureInfo.InvariantCulture));
                }
            }
        }
        Console.WriteLine($"| ns, medians of {rounds} processes | {string.Join(" | ", subjects)} |");
        Console.WriteLine($"|---|{string.Concat(subjects.Select(_ => "---:|"))}");
        foreach (string row in rows)
        {
            double first = Median(measured[(row, subjects[0])]);
            Console.WriteLine($"| {row} | {string.Join(" | ", subjects.Select(subject => Cell(measured.GetValueOrDefault((row, subject)), first, subject == subjects[0])))} |");
        }
        return 0;
    }

    /// <summary>Prints a row of a child.</summary>
    internal static void Row(string name, double nanoseconds) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{nanoseconds:F2}"));

    private static string Cell(List<double>? values, double first, bool isFirst) => values is null
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{Median(values):N1}{(isFirst ? "" : $" ({first / Median(values):F2})")}");

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string[] Run(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true };
        using Process child = Process.Start(start)!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? output.Split('\n') : throw new InvalidOperationException($"'{string.Join(' ', arguments)}' ended with {child.ExitCode}: {output}");
    }
}
