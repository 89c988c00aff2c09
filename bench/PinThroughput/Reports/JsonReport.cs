using System.Text.Json;
using System.Text.Json.Serialization;

namespace Percpu.PinThroughput.Reports;

/// <summary>The <c>--json</c> file, which <c>--compare</c> reads again.</summary>
internal static class JsonReport
{
    internal static void Write(FileInfo file, Result result)
    {
        File.WriteAllText(file.FullName, JsonSerializer.Serialize(result with { Warning = Reliability.Of(result) }, JsonContext.Default.Result) + "\n");
        Console.WriteLine($"Wrote {file.Name}.");
    }

    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    internal static Result Read(FileInfo file)
    {
        try
        {
            Result? result = JsonSerializer.Deserialize(File.ReadAllText(file.FullName), JsonContext.Default.Result);
            if (result is { Host: { Cpu: not null, Date: not null }, Results: { } rows } && rows.All(row => row is { Workload: not null, Subject: not null, Parameters: not null }))
                return result;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{file.Name}' is not a result of --json: {exception.Message}", exception);
        }
        throw new InvalidDataException($"'{file.Name}' is not a result of --json.");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Result))]
internal sealed partial class JsonContext : JsonSerializerContext;
