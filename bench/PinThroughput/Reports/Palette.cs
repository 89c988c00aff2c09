using Percpu.PinThroughput.Peers;
using Percpu.PinThroughput.Workloads;

namespace Percpu.PinThroughput.Reports;

/// <summary>A colour for each subject, the same in every plot, whatever else is in it. Each has a contrast of at least 3 on white and on black.</summary>
internal static class Palette
{
    internal static readonly IReadOnlyList<string> Colours =
        [
            "#0072b2", "#d55e00", "#009e73", "#b8559a", "#b07d00", "#8a63d2", "#c43d5a", "#00808a", "#6b8e23", "#7d6b5d", "#3b82c4", "#2f8f3f",
        ];

    /// <summary>Subjects that are alone of their kind in most plots share the first colour: what this library does.</summary>
    private static readonly Lazy<Dictionary<string, int>> Indices = new(() =>
    {
        Workload[] all = [.. Catalogue.All, .. Catalogue.Named];
        Dictionary<string, int> indices = all.SelectMany(workload => workload.OwnIds.Take(1)).Distinct().ToDictionary(id => id, _ => 0, StringComparer.Ordinal);
        int next = 0;
        foreach (string id in all.SelectMany(workload => workload.SubjectIds.Concat(PeerSet.IdsOf(workload))).Where(id => !indices.ContainsKey(id)))
        {
            if (indices.TryAdd(id, 1 + next % (Colours.Count - 1)))
                next++;
        }
        return indices;
    });

    internal static string Of(string subject)
    {
        const string older = "-older";
        string id = subject.EndsWith(older, StringComparison.Ordinal) ? subject[..^older.Length] : subject;
        // An older build has another colour than ours; a subject that the catalogue does not know any more has one by its name.
        int index = Indices.Value.TryGetValue(id, out int known) ? known : 1 + id.Sum(letter => letter) % (Colours.Count - 1);
        return Colours[(index + (id.Length == subject.Length ? 0 : 1)) % Colours.Count];
    }
}
