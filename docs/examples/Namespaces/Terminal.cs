using Spectre.Console;

namespace Percpu.Examples.Namespaces;

/// <summary>What a command reads from and writes to.</summary>
internal sealed class Terminal(Stream input, Stream output, TextWriter text, TextWriter errors)
{
    /// <summary>For sectors.</summary>
    internal Stream Input => input;

    /// <summary>For sectors.</summary>
    internal Stream Output => output;

    internal TextWriter Text => text;

    internal TextWriter Errors => errors;

    /// <summary>Tables as wide as they need to be where nobody looks at them.</summary>
    internal IAnsiConsole Tables()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        if (Console.IsOutputRedirected || text != Console.Out)
            console.Profile.Width = 250;
        return console;
    }
}
