using System.Globalization;
using System.Text;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>One workload's plot: operations per second of all threads together, on a logarithmic axis, by threads.</summary>
internal sealed class SvgPanel
{
    internal const int Width = 470, Height = 330;
    private const double Left = 66, Right = Width - 130, Top = 40, Bottom = Height - 56;
    private const double LeastLabelDistance = 14;

    private readonly string _title;
    private readonly Workload _workload;
    private readonly Row[] _rows;
    private readonly int[] _threads;
    private readonly int _firstDecade;
    private readonly int _lastDecade;

    internal SvgPanel(string title, Workload workload, Row[] rows)
    {
        (_title, _workload, _rows) = (title, workload, rows);
        _threads = [.. rows.Select(row => row.Threads).Distinct().Order()];
        _firstDecade = (int)Math.Floor(Math.Log10(rows.Min(row => RateAt(row, 0.75))));
        _lastDecade = Math.Max(_firstDecade + 1, (int)Math.Ceiling(Math.Log10(rows.Max(row => RateAt(row, 0.25)))));
    }

    internal void Append(StringBuilder svg, int x, int y)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({x} {y})\">\n");
        svg.Append(Svg.Text(Left, 20, _title, style: "title"));
        AppendAxes(svg);
        string[] subjects = [.. _rows.Select(row => row.Subject).Distinct()];
        var labels = new List<(double Y, string Text, string Style, string Colour)>();
        for (int i = 0; i < subjects.Length; i++)
        {
            Row[] line = [.. _rows.Where(row => row.Subject == subjects[i]).OrderBy(row => row.Threads)];
            string colour = Svg.Colour(i);
            AppendLine(svg, line, colour);
            labels.Add((YOf(line[^1].OperationsPerSecond), subjects[i], _workload.OwnIds.Contains(subjects[i]) ? "own" : "", colour));
        }
        AppendLabels(svg, labels);
        svg.Append("</g>\n");
    }

    private void AppendAxes(StringBuilder svg)
    {
        for (int decade = _firstDecade; decade <= _lastDecade; decade++)
        {
            double y = YOf(Math.Pow(10, decade));
            svg.Append(Svg.Line(Left, y, Right, y, "class=\"grid\""));
            svg.Append(Svg.Text(Left - 6, y + 4, Amount(decade), "end"));
        }
        foreach (int threads in _threads)
            svg.Append(Svg.Text(XOf(threads), Bottom + 18, threads.ToString(CultureInfo.InvariantCulture), "middle"));
        svg.Append(Svg.Line(Left, Bottom, Right, Bottom, "class=\"axis\""));
        svg.Append(Svg.Text((Left + Right) / 2, Bottom + 38, "threads", "middle"));
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(14 {(Top + Bottom) / 2:F0}) rotate(-90)\" text-anchor=\"middle\">operations per second</text>\n");
    }

    private void AppendLine(StringBuilder svg, Row[] line, string colour)
    {
        svg.Append(Svg.Path(line.Select(row => (XOf(row.Threads), YOf(row.OperationsPerSecond))), colour));
        foreach (Row row in line)
        {
            double x = XOf(row.Threads);
            svg.Append(Svg.Line(x, YOf(RateAt(row, 0.25)), x, YOf(RateAt(row, 0.75)), $"stroke=\"{colour}\""));
            svg.Append(Svg.Point(x, YOf(row.OperationsPerSecond), colour));
        }
    }

    /// <summary>Names the lines at their right ends, pushed apart where they would overlap.</summary>
    private static void AppendLabels(StringBuilder svg, List<(double Y, string Text, string Style, string Colour)> labels)
    {
        labels.Sort((a, b) => a.Y.CompareTo(b.Y));
        double lowest = Bottom - (labels.Count - 1) * LeastLabelDistance;
        double previous = double.NegativeInfinity;
        for (int i = 0; i < labels.Count; i++)
        {
            (double wanted, string text, string style, string colour) = labels[i];
            double y = Math.Max(Math.Min(wanted, lowest + i * LeastLabelDistance), previous + LeastLabelDistance);
            previous = y;
            svg.Append(Svg.Line(Right + 4, wanted, Right + 18, y, $"stroke=\"{colour}\""));
            svg.Append(Svg.Text(Right + 22, y + 4, text, style: style));
        }
    }

    /// <summary>The throughput at a quantile of the rounds' times.</summary>
    private static double RateAt(Row row, double quantile) =>
        row.OperationsPerSecond * row.NanosecondsPerOperation / Statistics.Quantile(row.Rounds, quantile);

    /// <summary>Thread counts stand at equal distances.</summary>
    private double XOf(int threads) => _threads.Length == 1
        ? (Left + Right) / 2
        : Left + 24 + Array.IndexOf(_threads, threads) * (Right - Left - 40) / (_threads.Length - 1);

    private double YOf(double operationsPerSecond) =>
        Bottom - (Math.Log10(operationsPerSecond) - _firstDecade) / (_lastDecade - _firstDecade) * (Bottom - Top);

    private static string Amount(int decade) => decade switch
    {
        >= 9 => $"{Math.Pow(10, decade - 9):F0} G",
        >= 6 => $"{Math.Pow(10, decade - 6):F0} M",
        >= 3 => $"{Math.Pow(10, decade - 3):F0} k",
        _ => $"{Math.Pow(10, decade):F0}",
    };
}
