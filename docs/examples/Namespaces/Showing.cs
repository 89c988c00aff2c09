using System.Globalization;
using System.Text.Json;
using Percpu.Pagemap;
using Spectre.Console;

namespace Percpu.Examples.Namespaces;

/// <summary>Tells what namespaces there are.</summary>
internal static class Showing
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal static int List(Image image, string? name, bool json, Terminal terminal)
    {
        using (image)
            return Tell(image, name is null ? image.Namespaces : [image.Find(name)], json, terminal);
    }

    internal static int Tell(Image image, IReadOnlyList<PmemNamespace> spaces, bool json, Terminal terminal)
    {
        List<NamespaceInfo> infos = [.. spaces.Select(each => each.Inspect())];
        if (json)
        {
            Print(Describe(image, infos), terminal);
            return Code(image, infos);
        }
        var table = new Table().AddColumns("name", "uuid", "mode", "at", "bytes", "sector", "sectors", "remark");
        foreach (NamespaceInfo info in infos)
        {
            table.AddRow([.. ((string[])[
                info.Namespace.Name, (info.Namespace.Uuid != Guid.Empty ? info.Namespace.Uuid : info.Uuid).ToString(), Modes.NameOf(info.Mode), Number(info.Namespace.Offset), Number(info.Namespace.Length),
                info.Problem is null ? Number(info.SectorSize) : "", info.Problem is null ? Number(info.Sectors) : "", Remark(info)]).Select(Markup.Escape)]);
        }
        terminal.Tables().Write(table);
        return Faults(image, infos, terminal);
    }

    internal static int Show(Image image, string? name, bool json, Terminal terminal)
    {
        using (image)
        {
            List<NamespaceInfo> infos = [.. (name is null ? image.Namespaces : [image.Find(name)]).Select(each => each.Inspect())];
            if (json)
            {
                Print(Describe(image, infos), terminal);
                return Code(image, infos);
            }
            foreach (NamespaceInfo info in infos)
            {
                var table = new Table().AddColumns("field", "value");
                foreach ((string field, object? value) in Fields(info))
                {
                    if (value is not null)
                        table.AddRow(field, Markup.Escape(Convert.ToString(value, CultureInfo.InvariantCulture)!));
                }
                terminal.Tables().Write(table);
            }
            return Faults(image, infos, terminal);
        }
    }

    internal static string NameOf(PmemNamespace space) => space.Name.Length > 0 ? space.Name : space.Uuid.ToString();

    internal static void Print(object value, Terminal terminal) => terminal.Text.WriteLine(JsonSerializer.Serialize(value, Indented));

    private static object Describe(Image image, List<NamespaceInfo> infos) => new
    {
        file = image.Path,
        length = image.FileLength,
        labels = image.Labels is not { } labels ? null : new { version = labels.Version.ToString(), size = labels.Size, faults = labels.Faults.Select(each => each.Message) },
        namespaces = infos.Select(info => Fields(info).ToDictionary(each => each.Field, each => each.Value)),
    };

    private static IEnumerable<(string Field, object? Value)> Fields(NamespaceInfo info)
    {
        PmemNamespace space = info.Namespace;
        yield return ("name", space.Name);
        yield return ("uuid", space.Uuid != Guid.Empty ? space.Uuid : info.Uuid);
        yield return ("mode", Modes.NameOf(info.Mode));
        yield return ("offset", space.Offset);
        yield return ("length", space.Length);
        yield return ("fault", info.Problem?.Fault.ToString());
        yield return ("problem", info.Problem?.Message);
        if (info.Problem is not null)
            yield break;
        yield return ("sectorSize", info.SectorSize);
        yield return ("sectors", info.Sectors);
        if (info.Mode == NamespaceMode.Raw)
            yield break;
        yield return ("blockUuid", info.Uuid);
        yield return ("parentUuid", info.ParentUuid);
        yield return ("blockOffset", info.BlockOffset);
        yield return ("version", info.Version?.ToString());
        yield return ("legacy", info.IsLegacy);
        if (info.Mode == NamespaceMode.Btt)
        {
            yield return ("pool", info.IsPool);
            yield return ("internalSectorSize", info.InternalSectorSize);
            yield return ("arenas", info.Arenas);
            yield return ("errorFlag", info.HasErrorFlag);
            yield break;
        }
        yield return ("dataOffset", info.DataOffset);
        yield return ("map", info.Frames == FrameLocation.Memory ? "mem" : "dev");
        yield return ("alignment", info.Alignment);
    }

    private static string Remark(NamespaceInfo info) =>
        info.Problem is { } problem ? problem.Message
        : info.IsLegacy ? "the library's first format"
        : info.IsPool ? "libpmemblk pool"
        : info.HasErrorFlag ? "error flag set: read-only"
        : info.Mode is NamespaceMode.Pfn or NamespaceMode.Dax ? $"data at {info.DataOffset}, frames in {(info.Frames == FrameLocation.Memory ? "mem" : "dev")}"
        : info.Arenas > 1 ? $"{info.Arenas} arenas" : "";

    private static int Faults(Image image, List<NamespaceInfo> infos, Terminal terminal)
    {
        foreach (MediumFault fault in image.Labels?.Faults ?? [])
            terminal.Text.WriteLine(fault.Message);
        return Code(image, infos);
    }

    private static int Code(Image image, List<NamespaceInfo> infos) =>
        image.Labels?.Faults.Count > 0 || infos.Exists(each => each.Problem is not null) ? ExitCode.Damaged : ExitCode.Done;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
