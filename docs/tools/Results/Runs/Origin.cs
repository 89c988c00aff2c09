using System.Text.Json;

namespace Percpu.Results.Runs;

/// <summary>Where, when and from what a run of the tests was made.</summary>
internal static class Origin
{
    private static readonly Dictionary<string, string> Programs = new(StringComparer.Ordinal)
    {
        ["PercpuRef.Interleavings"] = "dotnet run -c Release --project coyote-tests/Interleavings",
        ["PercpuRef.Mutants"] = "dotnet run -c Release --project coyote-tests/Mutants",
        ["PercpuRef.Torture"] = "dotnet run -c Release --project coyote-tests/Torture",
    };

    internal static string Of(JsonElement run)
    {
        JsonElement host = run.GetProperty("host");
        string commit = host.TryGetProperty("commit", out JsonElement known) && known.GetString() is { } hash ? $", commit {hash[..Math.Min(10, hash.Length)]}" : "";
        return $"Run {run.GetProperty("started").GetString()![..10]} on {host.GetProperty("cpu").GetString()}, {host.GetProperty("cores").GetInt32()} cores, "
            + $"{host.GetProperty("runtime").GetString()}, {host.GetProperty("operatingSystem").GetString()}{commit}, by `{Markdown.WithoutFolders(Command(run.GetProperty("command").GetString()!))}`.";
    }

    private static string Command(string line)
    {
        string[] parts = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        string program = Programs.GetValueOrDefault(parts[0], parts[0]);
        return parts is [_, { Length: > 0 } options] ? $"{program} -- {options}" : program;
    }
}
