using Percpu.Pagemap;

namespace Percpu.Examples.Namespaces;

/// <summary>The names of modes on the command line.</summary>
internal static class Modes
{
    internal static NamespaceMode Parse(string? name) => name switch
    {
        "btt" => NamespaceMode.Btt,
        "fsdax" => NamespaceMode.Pfn,
        "devdax" => NamespaceMode.Dax,
        "raw" => NamespaceMode.Raw,
        _ => throw new BadRequestException("Say --mode btt, fsdax or devdax."),
    };

    internal static string NameOf(NamespaceMode? mode) => mode switch
    {
        NamespaceMode.Btt => "btt",
        NamespaceMode.Pfn => "fsdax",
        NamespaceMode.Dax => "devdax",
        NamespaceMode.Raw => "raw",
        _ => "refused",
    };
}
