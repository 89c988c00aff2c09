using System.Globalization;
using System.Text;

namespace Percpu.PinThroughput.Reports;

/// <summary>One plot: lines over named places on a logarithmic y axis. Each line bears its name.</summary>
internal sealed class SvgChart : ISvgPanel
{
    private const double Left = 70, Right = SvgPage.PanelWidth - 172, Top = 40, BelowPlot = 56;
    private const double LeastLabelDistance = 14;

    private readonly string _title;
    private readonly string _xTitle;
    private readonly string _yTitle;
    private readonly IReadOnlyList<string> _places;
    private readonly IReadOnlyList<SvgSeries> _series;
    private readonly Func<double, string> _amount;
    private readonly IReadOnlyList<double> _positions;
    private double[] _ticks = [];
    private double _bottom;

    /// <param name="positions">Where the places lie to each other, ascending; at equal distances if it is not given.</param>
    internal SvgChart(string title, string xTitle, string yTitle, IReadOnlyList<string> places, IReadOnlyList<SvgSeries> series, Func<double, string> amount,
        IReadOnlyList<double>? positions = null)
    {
        _positions = positions ?? [.. Enumerable.Range(0, places.Count).Select(place => (double)place)];
        (_title, _xTitle, _yTitle, _places, _series, _amount) = (title, xTitle, yTitle, places, series, amount);
    }

    /// <summary>The height that it needs for the names of its lines.</summary>
    public int Height => (int)(Top + BelowPlot + Math.Max(234, (_series.Count + 1) * LeastLabelDistance));

    public string Quantity => _yTitle;

    public (double Least, double Most) Range => (_series.SelectMany(each => each.Points).Min(point => point.Low), _series.SelectMany(each => each.Points).Max(point => point.High));

    public IEnumerable<(string Workload, string Subject)> Subjects => _series.Select(series => (series.Workload, series.Name));

    public void Append(StringBuilder svg, int x, int y, int height, (double Least, double Most) range)
    {
        _ticks = Ticks(range.Least, range.Most);
        _bottom = height - BelowPlot;
        svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({x} {y})\">\n");
        svg.Append(Svg.Text(16, 20, _title, style: "title"));
        AppendAxes(svg);
        var labels = new List<(double Y, string Text, string Style, string Colour)>();
        foreach (SvgSeries series in _series)
        {
            AppendLine(svg, series, Palette.Of(series.Name));
            labels.Add((YOf(series.Points[^1].Y), series.Name, series.Own ? "own" : "", Palette.Of(series.Name)));
        }
        AppendLabels(svg, labels);
        svg.Append("</g>\n");
    }

    /// <summary>Powers of ten that hold all values; where they are few, the steps 2 and 5 between.</summary>
    private static double[] Ticks(double least, double most)
    {
        (int first, int last) = ((int)Math.Floor(Math.Log10(least)), (int)Math.Ceiling(Math.Log10(most)));
        double[] steps = last - first <= 2 ? [1, 2, 5] : [1];
        double[] all = [.. Enumerable.Range(first, last - first + 1).SelectMany(decade => steps.Select(step => step * Math.Pow(10, decade)))];
        double from = all.Last(tick => tick <= least), to = all.FirstOrDefault(tick => tick >= most && tick > from, all[^1]);
        return [.. all.Where(tick => tick >= from && tick <= to)];
    }

    private void AppendAxes(StringBuilder svg)
    {
        foreach (double tick in _ticks)
        {
            svg.Append(Svg.Line(Left, YOf(tick), Right, YOf(tick), "class=\"grid\""));
            svg.Append(Svg.Text(Left - 6, YOf(tick) + 4, _amount(tick), "end"));
        }
        for (int i = 0; i < _places.Count; i++)
            svg.Append(Svg.Text(XOf(i), _bottom + 18, _places[i], "middle"));
        svg.Append(Svg.Line(Left, _bottom, Right, _bottom, "class=\"axis\""));
        svg.Append(Svg.Text((Left + Right) / 2, _bottom + 38, _xTitle, "middle"));
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(14 {(Top + _bottom) / 2:F0}) rotate(-90)\" text-anchor=\"middle\">{Svg.Escape(_yTitle)}</text>\n");
    }

    private void AppendLine(StringBuilder svg, SvgSeries series, string colour)
    {
        string style = series.Own ? "line own" : series.Native ? "line native" : "line";
        svg.Append(Svg.Path(series.Points.Select(point => (XOf(point.X), YOf(point.Y))), colour, style));
        foreach (SvgPoint point in series.Points)
        {
            svg.Append(Svg.Line(XOf(point.X), YOf(point.Low), XOf(point.X), YOf(point.High), $"stroke=\"{colour}\""));
            svg.Append(Svg.Point(XOf(point.X), YOf(point.Y), colour));
        }
    }

    /// <summary>Names the lines at their right ends, pushed apart where they would overlap.</summary>
    private void AppendLabels(StringBuilder svg, List<(double Y, string Text, string Style, string Colour)> labels)
    {
        labels.Sort((a, b) => a.Y.CompareTo(b.Y));
        double lowest = _bottom - (labels.Count - 1) * LeastLabelDistance;
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

    private double XOf(int place) => _places.Count == 1
        ? (Left + Right) / 2
        : Left + 24 + (_positions[place] - _positions[0]) / (_positions[^1] - _positions[0]) * (Right - Left - 40);

    private double YOf(double value)
    {
        double first = Math.Log10(_ticks[0]), last = Math.Log10(_ticks[^1]);
        return _bottom - (Math.Log10(value) - first) / (last - first) * (_bottom - Top);
    }
}
