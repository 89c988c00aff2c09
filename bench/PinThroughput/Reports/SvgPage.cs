using System.Globalization;
using System.Text;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Reports;

/// <summary>A file of plots, two in a row: self-contained, readable on light and dark.</summary>
internal static class SvgPage
{
    internal const int PanelWidth = 516;

    private const int PanelsPerRow = 2, Header = 50, LineHeight = 15;
    private const double SameScale = 10;

    /// <param name="notes">What the plots show.</param>
    internal static string Of(string label, string notes, Result result, IReadOnlyList<ISvgPanel> panels)
    {
        Host host = result.Host;
        ISvgPanel[][] rows = [.. panels.Chunk(PanelsPerRow)];
        string[] names = [.. panels.SelectMany(panel => panel.Subjects).Distinct().Select(NameOf).OfType<string>().Distinct()];
        string? warning = Reliability.Of(result);
        int header = Header + (warning is null ? 0 : LineHeight);
        int width = Math.Min(panels.Count, PanelsPerRow) * PanelWidth;
        int height = header + rows.Sum(HeightOf) + (names.Length == 0 ? 0 : names.Length * LineHeight + 14);
        string about = $"{host.Cpu}, {host.Cores} cores, {host.Runtime}, {host.Date[..10]}, commit {host.Commit?[..10] ?? "unknown"}";
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width}} {{height}}" width="{{width}}" height="{{height}}" role="img" aria-label="{{Svg.Escape(label)}}">
            <style>
            text { font: 12px system-ui, sans-serif; fill: #24292f; } .title { font-size: 14px; font-weight: 600; } .note { font-size: 11px; } .value { font-size: 9px; }
            text.own { font-weight: 700; } .back { fill: #ffffff; } .grid { stroke: #d0d7de; } .axis { stroke: #57606a; } .warning { font-size: 11px; font-weight: 700; }
            .line { fill: none; stroke-width: 1.6; } .line.own { stroke-width: 3; } .line.native { stroke-dasharray: 5 3; }
            @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .back { fill: #0d1117; } .grid { stroke: #30363d; } .axis { stroke: #8b949e; } }
            </style>
            <rect class="back" width="{{width}}" height="{{height}}"/>

            """);
        svg.Append(Svg.Text(16, 20, about, style: "note"));
        svg.Append(Svg.Text(16, 36, notes, style: "note"));
        if (warning is not null)
            svg.Append(Svg.Text(16, 36 + LineHeight, warning, style: "warning"));
        int y = header;
        foreach (ISvgPanel[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
                row[i].Append(svg, i * PanelWidth, y, HeightOf(row), RangeOf(row[i], row));
            y += HeightOf(row);
        }
        foreach (string name in names)
            svg.Append(Svg.Text(16, y += LineHeight, name, style: "note"));
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>What the panel shares with those beside it, unless that would leave one of them nearly empty.</summary>
    private static (double Least, double Most) RangeOf(ISvgPanel panel, ISvgPanel[] row)
    {
        ISvgPanel[] alike = [.. row.Where(other => other.Quantity == panel.Quantity && other.GetType() == panel.GetType())];
        bool bars = panel is SvgBars;
        return bars && alike.Max(other => other.Range.Most) > SameScale * alike.Min(other => other.Range.Most)
            ? panel.Range
            : (alike.Min(other => other.Range.Least), alike.Max(other => other.Range.Most));
    }

    private static string? NameOf((string Workload, string Subject) subject) =>
        SubjectNames.PlainOf(subject.Workload, subject.Subject) is var name && name != subject.Subject ? $"{subject.Subject}: {name}" : null;

    private static int HeightOf(ISvgPanel[] row) => row.Max(panel => panel.Height);
}
