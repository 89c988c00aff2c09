using System.Globalization;

namespace Percpu.PinThroughput.Reports;

/// <summary>Text of an SVG file.</summary>
internal static class Svg
{
    internal static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    internal static string Text(double x, double y, string text, string anchor = "start", string style = "") =>
        string.Create(CultureInfo.InvariantCulture, $"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\" class=\"{style}\">{Escape(text)}</text>\n");

    internal static string Line(double x1, double y1, double x2, double y2, string style) =>
        string.Create(CultureInfo.InvariantCulture, $"<line x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\" {style}/>\n");

    internal static string Point(double x, double y, string colour) =>
        string.Create(CultureInfo.InvariantCulture, $"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"3.5\" fill=\"{colour}\"/>\n");

    internal static string Path(IEnumerable<(double X, double Y)> points, string colour, string style) =>
        $"<polyline class=\"{style}\" stroke=\"{colour}\" points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:F1},{p.Y:F1}")))}\"/>\n";
}
