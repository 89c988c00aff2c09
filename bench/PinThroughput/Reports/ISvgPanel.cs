using System.Text;

namespace Percpu.PinThroughput.Reports;

/// <summary>One plot of a page.</summary>
internal interface ISvgPanel
{
    /// <summary>What it would need.</summary>
    int Height { get; }

    /// <summary>What the values are: panels side by side with the same one can have the same scale.</summary>
    string Quantity { get; }

    /// <summary>The least and the greatest value.</summary>
    (double Least, double Most) Range { get; }

    /// <summary>Workload and id of what is in it.</summary>
    IEnumerable<(string Workload, string Subject)> Subjects { get; }

    void Append(StringBuilder svg, int x, int y, int height, (double Least, double Most) range);
}
