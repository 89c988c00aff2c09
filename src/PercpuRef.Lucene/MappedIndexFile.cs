namespace Percpu.Lucene;

/// <summary>One mapping of an index file, as <see cref="PercpuDirectory.GetMappedFiles"/> saw it.</summary>
/// <param name="Name">The file's name in its directory.</param>
/// <param name="Length">Mapped bytes; 0 for an empty file.</param>
/// <param name="IsClosed">Whether its input was closed: it is unmapped when the last read under way ends.</param>
/// <param name="Holders">Who holds counted pins of it, the most first: known with the switch <c>Percpu.TrackHolders</c> in
/// runtimeconfig.json, else empty.</param>
public sealed record MappedIndexFile(string Name, long Length, bool IsClosed, IReadOnlyList<PercpuRefHolder> Holders);
