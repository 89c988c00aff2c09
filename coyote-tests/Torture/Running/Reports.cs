using System.Text.Json;
using System.Text.Json.Serialization;

namespace Percpu.Torture.Running;

/// <summary>Reports as JSON.</summary>
internal static class Reports
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DictionaryKeyPolicy = null,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    internal static void Write<T>(string path, T report) => File.WriteAllText(path, JsonSerializer.Serialize(report, Options));

    internal static SegmentReport ReadSegment(string path) => JsonSerializer.Deserialize<SegmentReport>(File.ReadAllText(path), Options)!;

    /// <summary>A counter's name as it stands in the JSON.</summary>
    internal static string NameOf<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
