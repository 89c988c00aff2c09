using System.Globalization;
using System.Text;

namespace Percpu.PinThroughput.Reports;

/// <summary>A plot of bars from zero, one for each number of threads (the first full, the others pale), the best subject first.</summary>
internal sealed class SvgBars(string title, string quantity, IReadOnlyList<SvgBar> bars, Func<double, string> amount) : ISvgPanel
{
    private const double Top = 40, Left = 158, Right = SvgPage.PanelWidth - 70, Thick = 9, Gap = 7;

    public int Height => (int)(Top + bars.Sum(HeightOf) + 12);

    public string Quantity => quantity;

    public (double Least, double Most) Range => (0, bars.SelectMany(bar => bar.Values).Max());

    public IEnumerable<(string Workload, string Subject)> Subjects => bars.Where(bar => bar.Label == bar.Subject).Select(bar => (bar.Workload, bar.Subject));

    public void Append(StringBuilder svg, int x, int y, int height, (double Least, double Most) range)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({x} {y})\">\n");
        svg.Append(Svg.Text(16, 20, $"{title}: {quantity}", style: "title"));
        double from = Top;
        foreach (SvgBar bar in bars)
        {
            svg.Append(Svg.Text(Left - 8, from + HeightOf(bar) / 2, bar.Label, "end", bar.Own ? "own" : ""));
            string colour = Palette.Of(bar.Subject);
            for (int i = 0; i < bar.Values.Count; i++)
            {
                double length = Math.Max(1, bar.Values[i] / range.Most * (Right - Left));
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left:F1}\" y=\"{from + i * Thick:F1}\" width=\"{length:F1}\" height=\"{Thick - 1:F1}\" fill=\"{colour}\" fill-opacity=\"{(i == 0 ? "1" : "0.35")}\" stroke=\"{colour}\"/>\n");
                svg.Append(Svg.Text(Left + length + 5, from + i * Thick + Thick - 0.5, amount(bar.Values[i]), style: "value"));
            }
            from += HeightOf(bar);
        }
        svg.Append(Svg.Line(Left, Top - 4, Left, from - Gap + 3, "class=\"axis\""));
        svg.Append("</g>\n");
    }

    private static double HeightOf(SvgBar bar) => Math.Max(bar.Values.Count * Thick, 12) + Gap;
}

/// <summary>The bars of one subject.</summary>
/// <param name="Workload">Its workload's id.</param>
/// <param name="Subject">Its id.</param>
/// <param name="Label">Stands beside it.</param>
/// <param name="Own">Of this library: its name is bold.</param>
/// <param name="Values">One for each number of threads.</param>
internal sealed record SvgBar(string Workload, string Subject, string Label, bool Own, IReadOnlyList<double> Values);
