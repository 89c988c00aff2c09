using System.CommandLine;
using Percpu.Pagemap;

namespace Percpu.Examples.Namespaces;

/// <summary>The command line: see the README, or <c>--help</c>.</summary>
internal static class NamespacesCommand
{
    internal static int Run(string[] args, Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "An image of persistent memory, or a libpmemblk pool." };
        Option<long?> labels = Size("--labels", "Bytes of the label area at the file's end. Left out, one is looked for; 0 for none.");
        var name = new Option<string?>("--namespace") { Description = "Which namespace: its label's name, its uuid, or its number in the list." };
        var json = new Option<bool>("--json") { Description = "JSON instead of a table." };
        Option<long?> offset = Size("--offset", "First byte of the disk."), length = Size("--length", "Bytes; left out, up to the end.");
        Option<long?> sector = Size("--sector", "For btt: bytes of a sector, 512, 520, 528, 4096 (default), 4104, 4160 or 4224."), size = Size("--size", "Bytes of the namespace, a multiple of 16M.");
        var mode = new Option<string?>("--mode") { Description = "btt, fsdax or devdax." };
        var readAs = new Option<string?>("--mode") { Description = "What it must hold: btt, fsdax, devdax; raw for plain bytes whatever stands there." };
        var map = new Option<string?>("--map") { Description = "For fsdax and devdax: where page frames are kept, dev (default) or mem." };
        var damaged = new Option<bool>("--damaged") { Description = "Read what is left of a damaged btt." };
        var version = new Option<string?>("--label-version") { Description = "1.1 (default) or 1.2." };
        var newName = new Option<string?>("--name") { Description = "The label's name." };
        Option<long?> cookie = Size("--cookie", "What the machine knows its DIMMs by: set_cookie of its region in sysfs.");
        mode.AcceptOnlyFromAmong("btt", "fsdax", "devdax", "raw");
        readAs.AcceptOnlyFromAmong("btt", "fsdax", "devdax", "raw");
        map.AcceptOnlyFromAmong("dev", "mem");
        version.AcceptOnlyFromAmong("1.1", "1.2");

        var root = new RootCommand("Persistent-memory namespaces in a file. Exit codes: 0 done, 1 bad option or file, 2 damaged or a sector in error.");
        Add("list", "List the namespaces.", [labels, name, json], parsed => Showing.List(Open(parsed, true), parsed.GetValue(name), parsed.GetValue(json), terminal));
        Add("show", "Show what is known of each namespace.", [labels, name, json], parsed => Showing.Show(Open(parsed, true), parsed.GetValue(name), parsed.GetValue(json), terminal));
        Add("check", "Check the structure. Nothing is written.", [labels, name, json], parsed => Checking.Check(Open(parsed, true), parsed.GetValue(name), parsed.GetValue(json), terminal));
        Add("format", "Format a blank namespace.", [labels, name, mode, sector, map, json], parsed =>
            Changing.Format(Open(parsed, false), parsed.GetValue(name), Modes.Parse(parsed.GetValue(mode)), Sector(parsed), Map(parsed), parsed.GetValue(json), terminal));
        Add("read", "Copy bytes of the disk to standard output.", [labels, name, offset, length, readAs, damaged, json], parsed =>
            Copying.Read(Open(parsed, true), parsed.GetValue(name), parsed.GetValue(offset) ?? 0, parsed.GetValue(length), ReadAs(parsed), parsed.GetValue(damaged), terminal));
        Add("write", "Copy standard input to the disk.", [labels, name, offset, readAs, json], parsed =>
            Copying.Write(Open(parsed, false), parsed.GetValue(name), parsed.GetValue(offset) ?? 0, ReadAs(parsed), terminal));
        Add("repair", "Put damaged info blocks of a btt back from their copies.", [labels, name, json], parsed =>
            Changing.Repair(Open(parsed, false), parsed.GetValue(name), parsed.GetValue(json), terminal));
        Add("init-labels", "Make a label area without labels at the file's end.", [labels, version, json], parsed =>
            Changing.InitLabels(parsed.GetValue(file)!, parsed.GetValue(labels) ?? 0, parsed.GetValue(version) == "1.2" ? 2 : 1, terminal));
        Add("create", "Create and format a namespace in a label area.", [labels, mode, sector, map, size, newName, cookie, json], parsed =>
            Changing.Create(Open(parsed, false), parsed.GetValue(size) ?? 0, Modes.Parse(parsed.GetValue(mode)), parsed.GetValue(newName) ?? "", Sector(parsed), Map(parsed), (ulong)(parsed.GetValue(cookie) ?? 0), parsed.GetValue(json), terminal));
        Add("delete", "Delete a namespace from a label area.", [labels, name, json], parsed => Changing.Delete(Open(parsed, false), parsed.GetValue(name), terminal));
        return root.Parse(args).Invoke(new InvocationConfiguration { Output = terminal.Text, Error = terminal.Errors, EnableDefaultExceptionHandler = false });

        void Add(string verb, string description, Option[] options, Func<ParseResult, int> action)
        {
            var command = new Command(verb, description) { file };
            Array.ForEach(options, command.Options.Add);
            command.SetAction(parsed => Guarded(() => action(parsed), terminal));
            root.Subcommands.Add(command);
        }

        Image Open(ParseResult parsed, bool readOnly) => Image.Open(parsed.GetValue(file)!, readOnly, parsed.GetValue(labels));
        int Sector(ParseResult parsed) => checked((int)(parsed.GetValue(sector) ?? 4096));
        FrameLocation Map(ParseResult parsed) => parsed.GetValue(map) == "mem" ? FrameLocation.Memory : FrameLocation.Medium;
        NamespaceMode? ReadAs(ParseResult parsed) => parsed.GetValue(readAs) is { } text ? Modes.Parse(text) : null;
    }

    private static int Guarded(Func<int> action, Terminal terminal)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (ExitCode.Of(exception) is not null)
        {
            int parameter = exception is ArgumentException ? exception.Message.IndexOf(" (Parameter", StringComparison.Ordinal) : -1; // No name that a user knows.
            terminal.Errors.WriteLine(parameter < 0 ? exception.Message : exception.Message[..parameter]);
            return ExitCode.Of(exception)!.Value;
        }
    }

    private static Option<long?> Size(string name, string description) => new(name) { Description = description, CustomParser = Sizes.Parse };
}
