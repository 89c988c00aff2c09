using Percpu.Examples.Namespaces;

namespace Percpu.Unit.Media;

/// <summary>The command Namespaces, run in this process.</summary>
internal static class Command
{
    internal static (int Code, byte[] Output, string Text) Run(string[] args, byte[]? input = null)
    {
        using var output = new MemoryStream();
        using var text = new StringWriter();
        int code = NamespacesCommand.Run(args, new Terminal(new MemoryStream(input ?? []), output, text, text));
        return (code, output.ToArray(), text.ToString());
    }
}
