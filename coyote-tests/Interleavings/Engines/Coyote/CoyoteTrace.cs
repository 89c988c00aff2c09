using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percpu.Interleavings.Engines.Coyote;

/// <summary>
/// Which story a <c>ReproducibleTrace</c> of Coyote belongs to, and the trace: <c>scenario:variant:model:{...}</c>, on one line.
/// </summary>
internal sealed record CoyoteTrace(string Scenario, int Variant, string Model, string Json)
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static CoyoteTrace Of(string scenario, int variant, string model, string reproducibleTrace) =>
        new(scenario, variant, model, JsonNode.Parse(reproducibleTrace)!.ToJsonString(OneLine));

    internal static CoyoteTrace Parse(string text)
    {
        string[] parts = text.Trim().Split(':', 4);
        return parts.Length == 4 && parts[3].StartsWith('{')
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int variant)
            ? new CoyoteTrace(parts[0], variant, parts[2], parts[3])
            : throw new FormatException("A trace of Coyote has the form scenario:variant:model:{...}, in one line.");
    }

    public override string ToString() => $"{Scenario}:{Variant}:{Model}:{Json}";
}
