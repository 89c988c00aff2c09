using Percpu.Interleavings;

namespace Percpu.Unit.Explorer.Words;

/// <summary>The memory models that the package offers, by the short names that tests and traces have.</summary>
internal static class PublicModels
{
    internal static MemoryModel Of(string name) => name switch
    {
        "sc" => MemoryModel.Sequential,
        "tso" => MemoryModel.TotalStoreOrder,
        "arm64" => MemoryModel.Arm64,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "sc, tso or arm64."),
    };
}
