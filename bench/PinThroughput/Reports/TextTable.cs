using Spectre.Console;

namespace Percpu.PinThroughput.Reports;

/// <summary>A table that never breaks a cell: on a narrow terminal it leaves out whole columns, the least important first, and says so.</summary>
internal sealed class TextTable(IReadOnlyList<TextColumn> columns)
{
    private const int BetweenCells = 3, AtTheEnd = 1;

    internal void Print()
    {
        IReadOnlyList<TextColumn> shown = Fitting(Terminal.Width);
        if (Terminal.IsPlain)
        {
            foreach (string line in Markdown(shown))
                Console.WriteLine(line);
            return;
        }
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (TextColumn column in shown)
            table.AddColumn(Markup.Escape(column.Header), each => (column.IsText ? each.LeftAligned() : each.RightAligned()).NoWrap());
        for (int row = 0; row < shown[0].Cells.Count; row++)
            table.AddRow(shown.Select(column => column.IsBold(row) ? $"[bold]{Markup.Escape(column.Cells[row])}[/]" : Markup.Escape(column.Cells[row])).ToArray());
        AnsiConsole.Write(table);
        if (shown.Count < columns.Count)
            Console.WriteLine($"Left out at this width: {string.Join(", ", columns.Except(shown).Select(column => column.Header))}.");
    }

    /// <summary>As many columns as there is room for; those of rank 0 always.</summary>
    internal IReadOnlyList<TextColumn> Fitting(int width)
    {
        List<TextColumn> shown = [.. columns];
        while (shown.Sum(column => (long)column.Width + BetweenCells) + AtTheEnd > width && shown.MaxBy(column => column.Rank) is { Rank: > 0 } least)
            shown.Remove(least);
        return shown;
    }

    internal static IEnumerable<string> Markdown(IReadOnlyList<TextColumn> shown)
    {
        yield return Line(shown.Select(column => column.Padded(column.Header)));
        yield return Line(shown.Select(column => column.IsText ? new string('-', column.Width) : new string('-', column.Width - 1) + ":"));
        for (int row = 0; row < shown[0].Cells.Count; row++)
            yield return Line(shown.Select(column => column.Padded(column.Cells[row])));
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Header">Its name.</param>
/// <param name="Rank">0: always there; else the greater, the sooner it is left out.</param>
/// <param name="Cells">One for each row.</param>
/// <param name="IsText">At the left, not at the right.</param>
/// <param name="BoldRows">Those that are bold on a terminal.</param>
internal sealed record TextColumn(string Header, int Rank, IReadOnlyList<string> Cells, bool IsText = false, IReadOnlyCollection<int>? BoldRows = null)
{
    internal int Width => Math.Max(2, Cells.Select(cell => cell.Length).Append(Header.Length).Max());

    internal bool IsBold(int row) => BoldRows?.Contains(row) == true;

    internal string Padded(string text) => IsText ? text.PadRight(Width) : text.PadLeft(Width);
}
