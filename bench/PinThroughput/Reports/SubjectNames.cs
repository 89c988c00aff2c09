namespace Percpu.PinThroughput.Reports;

/// <summary>What the ids of subjects stand for, in words: for tables in documents, and under a plot.</summary>
internal static class SubjectNames
{
    private const string OlderSuffix = "-older";

    /// <summary>By id, or by workload and id where an id means something else there.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["percpu-ref"] = "`PercpuRef`",
        ["percpu-epoch"] = "`EpochDomain`",
        ["percpu-epoch-using"] = "`EpochDomain` in a `using`",
        ["percpu-handle"] = "`PercpuHandle`",
        ["interlocked"] = "`Interlocked` counter",
        ["striped-interlocked"] = "striped `Interlocked`",
        ["nonblocking-counter64"] = "`NonBlocking.Counter64`",
        ["bitfaster-counter"] = "BitFaster `Counter`",
        ["safe-handle"] = "`SafeHandle`",
        ["rwlock-slim"] = "`ReaderWriterLockSlim`",
        ["lock"] = "`Lock`",
        ["light-epoch"] = "FASTER `LightEpoch`",
        ["light-epoch-refresh"] = "FASTER `LightEpoch`, refresh only (never leaves)",
        ["dotnext-epoch"] = "DotNext `Epoch`",
        ["c-floor-two-checks"] = "C: this protocol without a runtime",
        ["c-rseq-increment"] = "C: rseq increments",
        ["c-atomic-private"] = "C: atomic, not shared",
        ["c-atomic-shared"] = "C: atomic, shared",
        ["urcu-memb"] = "C: liburcu memb",
        ["urcu-bp"] = "C: liburcu bp",
        ["urcu-qsbr"] = "C: liburcu qsbr (quiescent state only)",
        ["ck-epoch"] = "C: concurrencykit epoch",
        ["crossbeam-epoch"] = "Rust: crossbeam-epoch",
        ["java"] = "Java 17 `MappedByteBuffer.get`",
        ["clock"] = "nothing (the clock)",
        ["fence"] = "the process-wide fence alone",
        ["kill-all"] = "`KillAll`",
        ["kill-all-1000"] = "`KillAll` of 1,000, each",
        ["kill/percpu-ref"] = "`Kill`",
        ["kill-latency/percpu-ref"] = "`Kill`",
        ["raw-pointer"] = "raw pointer, no protection",
        ["view-accessor"] = "`MemoryMappedViewAccessor`",
        ["safe-buffer"] = "`SafeBuffer`",
        ["mapped-read/percpu-ref"] = "`MappedFile`, a pin for each read",
        ["percpu-value"] = "`MappedFile.ReadByte`",
        ["percpu-ref-64"] = "`MappedFile`, a pin for 64 reads",
        ["mapped-read-114846/percpu-ref"] = "`MappedFile.ReadByte`, a pin for every byte",
        ["percpu-reader"] = "`MappedPin.ReadByte`, a pin for a scope, every byte checked",
        ["read-batch/percpu-ref"] = "`MappedFile`",
        ["pagemap/pin"] = "plain pin of a random map of 64",
        ["cached"] = "`GetDevPagemap` with a hint (cached)",
        ["lookup"] = "`GetDevPagemap` (looked up)",
        ["pmem-read/percpu-ref"] = "`PmemDisk`",
        ["swap-storm/percpu-ref"] = "`MappedCell`, swapped under its readers",
        ["fast"] = "`get_user_pages`, lock-free walk",
        ["slow"] = "`get_user_pages`, walk with a lock",
        ["walk-only"] = "the lock-free walk without pins",
        ["interlocked-per-page"] = "the same walk, an `Interlocked` count for each page",
        ["slab-pool"] = "`SlabPool`",
        ["arena"] = "the arena of docs/examples",
        ["array-pool"] = "`ArrayPool<byte>`",
        ["memory-pool"] = "`MemoryPool<byte>`",
        ["native-memory"] = "`NativeMemory` (malloc)",
        ["raw"] = "raw pointer",
        ["reference"] = "`TryGetLive` + `Put`",
        ["value"] = "`ReadByte`",
        ["scopes/pin"] = "`using` a `MappedPin`",
        ["view"] = "`using` a view's pin",
        ["cell"] = "`using` a cell's pin",
        ["memory-handle"] = "`MemoryHandle`",
        ["held-pin"] = "`HeldPin`",
        ["owner"] = "an owner object",
        ["percpu-btt"] = "`BttDisk`",
        ["libpmemblk"] = "C: libpmemblk",
        ["file-write-through"] = "a file, written through",
        ["metrics-off/pin"] = "a pin, meter and events compiled in",
        ["pin-without"] = "a pin without them",
        ["kill"] = "a kill, meter and events compiled in",
        ["kill-without"] = "a kill without them",
        ["thread-stripes"] = "stripes per thread",
        ["cpu-stripes"] = "stripes per CPU",
    };

    /// <summary>Every id that has a name, in an order that is the same on every machine, whatever is installed there.</summary>
    internal static IEnumerable<string> Ids => Names.Keys.Select(key => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]).Distinct().Order(StringComparer.Ordinal);

    /// <summary>In Markdown; the id itself where it has no other name.</summary>
    internal static string Of(string workload, string subject) => subject.EndsWith(OlderSuffix, StringComparison.Ordinal)
        ? $"{Of(workload, subject[..^OlderSuffix.Length])}, older build"
        : Names.GetValueOrDefault($"{workload}/{subject}") ?? Names.GetValueOrDefault(subject, subject);

    /// <summary>Without the marks of Markdown.</summary>
    internal static string PlainOf(string workload, string subject) => Of(workload, subject).Replace("`", "", StringComparison.Ordinal);
}
