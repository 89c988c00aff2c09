using System.Globalization;
using System.Text;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>A plot of throughput by threads, a panel for each workload: self-contained, readable on light and dark.</summary>
internal static class SvgReport
{
    private const int PanelsPerRow = 2;

    internal static void Write(FileInfo file, IReadOnlyList<Workload> workloads, Result result)
    {
        List<SvgPanel> panels = [.. result.Results.GroupBy(row => row.Group)
            .Select(group => new SvgPanel(group.Key, workloads.First(each => each.Id == group.First().Workload), [.. group]))];
        int rows = (panels.Count + PanelsPerRow - 1) / PanelsPerRow;
        int width = Math.Min(panels.Count, PanelsPerRow) * SvgPanel.Width;
        int height = 50 + rows * SvgPanel.Height;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="Operations per second by number of threads">
            <style>
            text {"{"} font: 12px system-ui, sans-serif; fill: #24292f; {"}"} .title {"{"} font-size: 14px; font-weight: 600; {"}"} .note {"{"} font-size: 11px; {"}"}
            .own {"{"} font-weight: 700; {"}"} .back {"{"} fill: #ffffff; {"}"} .grid {"{"} stroke: #d0d7de; {"}"} .axis {"{"} stroke: #57606a; {"}"} .line {"{"} fill: none; stroke-width: 2; {"}"}
            @media (prefers-color-scheme: dark) {"{"} text {"{"} fill: #e6edf3; {"}"} .back {"{"} fill: #0d1117; {"}"} .grid {"{"} stroke: #30363d; {"}"} .axis {"{"} stroke: #8b949e; {"}"} {"}"}
            </style>
            <rect class="back" width="{width}" height="{height}"/>
            <text class="note" x="16" y="20">{Svg.Escape($"{result.Host.Cpu}, {result.Host.Cores} cores, {result.Host.Runtime}, {result.Host.Os}")}</text>
            <text class="note" x="16" y="36">{Svg.Escape($"{result.Host.Date[..10]}, commit {result.Host.Commit?[..10] ?? "unknown"}; medians with the range of the middle half of the rounds")}</text>

            """);
        for (int i = 0; i < panels.Count; i++)
            panels[i].Append(svg, i % PanelsPerRow * SvgPanel.Width, 50 + i / PanelsPerRow * SvgPanel.Height);
        svg.Append("</svg>\n");
        File.WriteAllText(file.FullName, svg.ToString());
        Console.WriteLine($"Wrote {file.Name}.");
    }
}
