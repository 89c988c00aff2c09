using Spectre.Console;

namespace Percpu.PinThroughput.Reports;

/// <summary>Where the output goes, decided in this one place: a terminal gets colours and tables that fit its width, anything else
/// plain Markdown of any width.</summary>
internal static class Terminal
{
    internal static bool IsPlain => Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Columns of characters; of plain output there are as many as it takes.</summary>
    internal static int Width => IsPlain ? int.MaxValue : AnsiConsole.Profile.Width;
}
