using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Percpu.Buffers;

namespace Percpu.Lucene;

/// <summary>All mappings of all directories of the process, and the meter <c>Percpu.Lucene</c> over them. Holds none of
/// them: an input that was dropped without close is unmapped by the finalizer.</summary>
internal static class MappedIndexFiles
{
    private static readonly ConditionalWeakTable<MappedMemory, Entry> Table = [];

    private static readonly Meter Meter = CreateMeter();

    /// <summary>Lists a new mapping.</summary>
    internal static void Add(PercpuDirectory directory, string name, MappedMemory memory, long length)
    {
        _ = Meter; // Made at the first use.
        Table.Add(memory, new Entry(directory, name, length));
    }

    internal static IReadOnlyList<MappedIndexFile> Of(PercpuDirectory directory) =>
    [
        .. from pair in Mapped()
           where pair.Value.Directory == directory
           orderby pair.Value.Name
           select new MappedIndexFile(pair.Value.Name, pair.Value.Length, pair.Key.IsDisposed, pair.Key.Reference.GetHolders())
    ];

    internal static long Warm(PercpuDirectory directory)
    {
        long bytes = 0;
        foreach ((MappedMemory memory, Entry entry) in Mapped())
        {
            if (entry.Directory != directory || entry.Length == 0)
                continue;
            try
            {
                memory.Advise(MemoryAdvice.Normal);
                bytes += memory.Advise(MemoryAdvice.WillNeed) ? entry.Length : 0;
            }
            catch (ObjectDisposedException)
            {
                // Closed meanwhile.
            }
        }
        return bytes;
    }

    private static IEnumerable<KeyValuePair<MappedMemory, Entry>> Mapped() => Table.Where(pair => !pair.Key.Reference.IsZero);

    private static Meter CreateMeter()
    {
        var meter = new Meter("Percpu.Lucene", typeof(MappedIndexFiles).Assembly.GetName().Version?.ToString(3));
        meter.CreateObservableUpDownCounter("percpu.lucene.inputs.open", static () => Table.LongCount(pair => !pair.Key.IsDisposed), "{input}", "Inputs open, without clones and slices.");
        meter.CreateObservableUpDownCounter("percpu.lucene.mapped", static () => Mapped().Sum(pair => pair.Value.Length), "By", "Mapped bytes of index files, also when closed but being read.");
        meter.CreateObservableUpDownCounter("percpu.lucene.retired", static () => Mapped().Where(pair => pair.Key.IsDisposed).Sum(pair => pair.Value.Length), "By", "Mapped bytes of index files that were closed while a read was under way.");
        return meter;
    }

    private sealed record Entry(PercpuDirectory Directory, string Name, long Length);
}
