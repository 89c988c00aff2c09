using System.Globalization;
using System.Text;

namespace Percpu.PinThroughput.Reports;

/// <summary>A file of charts, two in a row: self-contained, readable on light and dark.</summary>
internal static class SvgPage
{
    private const int ChartsPerRow = 2, Header = 50;

    internal static void Write(string path, string label, Host host, IReadOnlyList<SvgChart> charts)
    {
        SvgChart[][] rows = [.. charts.Chunk(ChartsPerRow)];
        int width = Math.Min(charts.Count, ChartsPerRow) * SvgChart.Width;
        int height = Header + rows.Sum(HeightOf);
        string about = $"{host.Cpu}, {host.Cores} cores, {host.Runtime}, {host.Date[..10]}, commit {host.Commit?[..10] ?? "unknown"}";
        const string notes = "Medians, with the range of the middle half of the rounds. Bold: this library. Dashed: not .NET.";
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width}} {{height}}" width="{{width}}" height="{{height}}" role="img" aria-label="{{Svg.Escape(label)}}">
            <style>
            text { font: 12px system-ui, sans-serif; fill: #24292f; } .title { font-size: 14px; font-weight: 600; } .note { font-size: 11px; }
            text.own { font-weight: 700; } .back { fill: #ffffff; } .grid { stroke: #d0d7de; } .axis { stroke: #57606a; }
            .line { fill: none; stroke-width: 1.6; } .line.own { stroke-width: 3; } .line.native { stroke-dasharray: 5 3; }
            @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .back { fill: #0d1117; } .grid { stroke: #30363d; } .axis { stroke: #8b949e; } }
            </style>
            <rect class="back" width="{{width}}" height="{{height}}"/>

            """);
        svg.Append(Svg.Text(16, 20, about, style: "note"));
        svg.Append(Svg.Text(16, 36, notes, style: "note"));
        int y = Header;
        foreach (SvgChart[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
                row[i].Append(svg, i * SvgChart.Width, y, HeightOf(row));
            y += HeightOf(row);
        }
        svg.Append("</svg>\n");
        File.WriteAllText(path, svg.ToString());
        Console.WriteLine($"Wrote {Path.GetFileName(path)}.");
    }

    private static int HeightOf(SvgChart[] row) => row.Max(chart => chart.Height);
}
