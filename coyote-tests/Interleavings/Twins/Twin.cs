namespace Percpu.Interleavings.Twins;

/// <summary>A wrong variant of the source that the checks must catch: proof that they can.</summary>
/// <param name="Name">The name in the matrix.</param>
/// <param name="Defect">What is wrong with it.</param>
/// <param name="Layer">The weakest layer that must catch it: sc, tso, tso-full, arm64 or arm64-full. One that needs store buffers must pass under sc.</param>
/// <param name="Scenarios">The scenarios that must show it, one of them at least.</param>
/// <param name="Edits">The changes, each to one place of one file.</param>
internal sealed record Twin(string Name, string Defect, string Layer, string[] Scenarios, params Edit[] Edits)
{
    /// <summary>The files that differ, with their edited text.</summary>
    /// <param name="sources">Path and text of every file.</param>
    /// <exception cref="TwinOutdatedException">An edit no longer fits.</exception>
    internal IReadOnlyDictionary<string, string> Apply(IReadOnlyDictionary<string, string> sources)
    {
        var edited = new Dictionary<string, string>();
        foreach (Edit edit in Edits)
        {
            if (!edited.TryGetValue(edit.File, out string? text) && !sources.TryGetValue(edit.File, out text))
                throw new TwinOutdatedException($"Twin '{Name}': there is no file {edit.File}.");
            edited[edit.File] = edit.Apply(text, Name);
        }
        return edited;
    }
}
