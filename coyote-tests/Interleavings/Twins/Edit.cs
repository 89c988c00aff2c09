namespace Percpu.Interleavings.Twins;

/// <summary>A change of one place in a source file.</summary>
/// <param name="File">The path below the repository's root.</param>
/// <param name="Old">Text that stands there exactly once.</param>
/// <param name="New">What stands there instead.</param>
internal sealed record Edit(string File, string Old, string New)
{
    /// <summary>Applies the change to a file's text.</summary>
    /// <exception cref="TwinOutdatedException">The old text is gone, or stands there more than once.</exception>
    internal string Apply(string text, string twin)
    {
        int first = text.IndexOf(Old, StringComparison.Ordinal);
        if (first < 0)
            throw new TwinOutdatedException($"Twin '{twin}': {File} no longer has the text that it edits:\n{Old}");
        if (text.IndexOf(Old, first + 1, StringComparison.Ordinal) >= 0)
            throw new TwinOutdatedException($"Twin '{twin}': {File} has the text that it edits more than once:\n{Old}");
        return text.Remove(first, Old.Length).Insert(first, New);
    }
}
