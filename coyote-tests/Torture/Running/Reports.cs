using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Percpu.Torture.Running;

/// <summary>Reports as JSON.</summary>
internal static class Reports
{
    private static readonly ReportsContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DictionaryKeyPolicy = null,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase) },
    });

    internal static void Write(string path, RunReport report) => Write(path, report, Context.RunReport);

    internal static void Write(string path, SegmentReport report) => Write(path, report, Context.SegmentReport);

    internal static SegmentReport ReadSegment(string path) => JsonSerializer.Deserialize(File.ReadAllText(path), Context.SegmentReport)!;

    /// <summary>A counter's name as it stands in the JSON.</summary>
    internal static string NameOf<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static void Write<T>(string path, T report, JsonTypeInfo<T> type) => File.WriteAllText(path, JsonSerializer.Serialize(report, type));
}

/// <summary>How to read and write them without reflection, which code compiled ahead of time does not have.</summary>
[JsonSerializable(typeof(RunReport))]
internal sealed partial class ReportsContext : JsonSerializerContext;
