using Percpu.Unit.Counting;
using Change = (string File, string Text, string Replacement);
using Percpu.Unit.Failures.Injected;
using Percpu.Unit.Support;

namespace Percpu.Unit.Failures;

/// <summary>A variant of both assemblies in which named places run out of memory, threads or address space when told to.
/// The bodies are in <see cref="InjectedFailureDriver"/>; each has a twin, a wrong variant that it must catch.</summary>
public sealed class InjectedFailureTests
{
    private static readonly Change[] Points =
    [
        At("gc handle", "SectionTree.Writing.cs", "            Atomic.StoreLocal(entry, ObjectHandle.Allocate(map));"),
        At("entry", "SectionTree.Writing.cs", "            entry = (long*)NativeBlocks.Allocate(2 * sizeof(long));"),
        ("SectionTree.Writing.cs", "AllocateNode() => (long*)", "AllocateNode() { global::Percpu.Unit.Failures.Injected.Faults.Hit(\"node\"); return (long*)"),
        ("SectionTree.Writing.cs", "(NodeWords * sizeof(long));", "(NodeWords * sizeof(long)); }"),
        At("reference", "PercpuRef.cs", "        Slot slot = slots.Rent(this, RefBalance.Instance);"),
        At("thread", "BackgroundThread.cs", "        new Thread(() => body()"),
        ("PerProcess.cs", "BankThreads = 256;", "BankThreads = 1;"), // Else a bank has room for many threads more.
        At("area", "StripeBanks.cs", "        long bank = NativeBlocks.Reserve(bytes);"),
        At("failures", "Failures.cs", "            (_others ??= []).Add(exception);"),
        At("map", "FileMapping.View.cs", "        nuint length = (nuint)Math.Max(Length, 1);"),
        ("PoolSlab.cs", "                Blocks[i] = new SlabBlock(", "                Blocks[i] = Failing() ?? new SlabBlock("),
        ("PoolSlab.cs", "    internal MappedMemory Memory", "    private static SlabBlock? Failing() { global::Percpu.Unit.Failures.Injected.Faults.Hit(\"block\"); return null; }\n    internal MappedMemory Memory"),
        At("cache", "SlabPool.Caches.cs", "        var cache = new SlabCache();"),
        At("retire", "SlabPool.Slabs.cs", "            _retired.EnsureCapacity("),
        At("ticket", "PinTicket.cs", "        PinTicket ticket = (ThreadTickets.Rack"),
        ("MappedStream.cs", "    internal MappedStream(HeldPin pin)\n    {", "    internal MappedStream(HeldPin pin)\n    { global::Percpu.Unit.Failures.Injected.Faults.Hit(\"stream\");"),
        ("MappedBufferWriter.cs", "    internal MappedBufferWriter(HeldPin pin, long offset)\n    {", "    internal MappedBufferWriter(HeldPin pin, long offset)\n    { global::Percpu.Unit.Failures.Injected.Faults.Hit(\"writer\");"),
        ("MappedMemoryManager.cs", "        _pin = pin;\n        _owns = true;", "        global::Percpu.Unit.Failures.Injected.Faults.Hit(\"manager\"); _pin = pin;\n        _owns = true;"),
        ("NativeBlocks.cs", "    internal static void* Allocate(nuint bytes) => NativeMemory.AllocZeroed(bytes);", "    internal static void* Allocate(nuint bytes) { void* block = NativeMemory.AllocZeroed(bytes); global::Percpu.Unit.Failures.Injected.Faults.CountBlock(1); return block; }"),
        ("NativeBlocks.cs", "    internal static void Free(void* block) => NativeMemory.Free(block);", "    internal static void Free(void* block) { if (block != null) global::Percpu.Unit.Failures.Injected.Faults.CountBlock(-1); NativeMemory.Free(block); }"),
        ("NativeBlocks.cs", "    internal static long Reserve(long bytes)\n    {", "    internal static long Reserve(long bytes)\n    { if (!PerProcess.BankSizes.Contains(bytes)) global::Percpu.Unit.Failures.Injected.Faults.CountReserved(1);"),
        ("NativeBlocks.cs", "    internal static void Release(long address, long bytes)\n    {", "    internal static void Release(long address, long bytes)\n    { if (!PerProcess.BankSizes.Contains(bytes)) global::Percpu.Unit.Failures.Injected.Faults.CountReserved(-1);"),
    ];

    /// <summary>The method of the driver that catches it, and the words that are undone. Methods do not meet each other's
    /// twins: one variant has a twin for each method.</summary>
    private static readonly Dictionary<string, (string Method, Change Change)> Twins = new()
    {
        ["a failed registration keeps its entry"] = ("Table", ("SectionTree.Writing.cs", "            NativeBlocks.Free(entry); // No slot has led to it yet.\n", "")),
        ["a failed registration keeps its nodes"] = ("Table", ("SectionTree.Writing.cs", "            unlinked = new Unlinked(Prune(first, last), null);", "")),
        ["a file without a count stays mapped"] = ("MappedFiles", ("MappedFile.cs", "            mapping.Unmap();\n            throw;", "            throw;")),
        ["a new file without a count stays"] = ("MappedFiles", ("MappedFile.cs", "            File.Delete(path);\n            throw;", "            throw;")),
        ["a file that was mapped, or failed to be, stays open"] = ("MappedFiles", ("FileMapping.cs", "                _file = null;\n                file.Drop();", "                _file = null;")),
        ["a stream that cannot be made keeps its pin"] = ("Slabs", ("MappedMemory.Owning.cs", "            pin.Dispose();\n            throw;", "            throw;")),
        ["a slab without blocks stays"] = ("Pool", ("PoolSlab.cs", "            Memory.Dispose();\n            throw;", "            throw;")),
        ["a block returned without a cache is lost"] = ("Pool", ("SlabBlock.Returning.cs", "            if (claim == 0)\n                Home.PushReturned(this);\n            else if", "            if")),
        ["a missing thread counts as running"] = ("Reclaimer", ("EpochDomain.Reclaimer.cs", "            Atomic.Exchange(&_words->Reclaimer, ReclaimerAbsent);\n            PercpuEventSource", "            PercpuEventSource")),
        ["a reader without an area is not waited for"] = ("Readers", ("EpochDomain.Grace.cs", "        if (Atomic.LoadAcquire(&_words->Shared) != 0)\n            return false;\n", "")),
        ["a lost exception loses the batch"] = ("Callbacks", ("Failures.cs", "            _uncollected++;", "            throw;")),
        ["a listener's exception loses the kill"] = ("Listeners", ("PercpuMeter.cs", "            counter.Add(count);\n        }\n        catch (Exception exception)\n        {", "            counter.Add(count);\n        }\n        catch (Exception exception)\n        { throw;")),
        ["a stall is reported under the lock"] = ("StallListener", ("EpochDomain.Reclaim.cs", "            stall = _waitingStall.Take();\n", "            stall = _waitingStall.Take(); stall.Report();\n")),
    };

    private static readonly Lazy<Type> Driver = new(() => Compile(Points));

    [Fact]
    public void I46_a_registration_that_fails_for_want_of_memory_leaves_nothing_and_can_be_repeated() => Run("Table");

    [Fact]
    public void I63_a_file_that_cannot_be_mapped_or_counted_leaves_no_mapping_no_descriptor_and_no_new_file() => Run("MappedFiles");

    [Fact]
    public void I63_a_slab_that_cannot_be_counted_is_given_back_and_a_shape_that_cannot_be_made_keeps_no_pin() => Run("Slabs");

    [Fact]
    public void A_pool_without_memory_loses_no_slab_and_no_block() => Run("Pool");

    [Fact]
    public void I36_without_a_thread_for_reclaiming_nothing_retired_is_lost() => Run("Reclaimer");

    [Fact]
    public void I34_a_reader_without_memory_for_its_area_is_counted_and_waited_for()
    {
        ThreadStripes.Need();
        Run("Readers");
    }

    [Fact]
    public void I36_exceptions_that_no_list_can_hold_lose_neither_callbacks_nor_the_first_of_them() => Run("Callbacks");

    [Fact]
    public void I10_a_metric_listener_that_throws_does_not_keep_a_reference_from_its_release() => Run("Listeners");

    [Fact]
    public void I35_a_listener_of_the_stall_report_may_call_Barrier() => Run("StallListener");

    [Fact]
    public void Each_twin_is_caught()
    {
        int waves = Twins.GroupBy(twin => twin.Value.Method).Max(method => method.Count());
        List<string> missed = [];
        for (int wave = 0; wave < waves; wave++)
        {
            var twins = Twins.GroupBy(twin => twin.Value.Method).Where(method => method.Count() > wave).Select(method => method.ElementAt(wave)).ToList();
            Type variant = Compile([.. Points, .. twins.Select(twin => twin.Value.Change)]);
            missed.AddRange(twins.Where(twin => variant.Run(twin.Value.Method) is null).Select(twin => twin.Key));
        }
        Assert.Empty(missed);
    }

    private static Type Compile(Change[] changes) =>
        SourceVariant.CompileAll("coyote-tests/Unit/Failures/Injected", typeof(InjectedFailureDriver).FullName!, [], static compilation => compilation, changes);

    private static Change At(string point, string file, string text) => (file, text, $"global::Percpu.Unit.Failures.Injected.Faults.Hit(\"{point}\");\n{text}");

    private static void Run(string method)
    {
        lock (Driver) // One switch for all.
            Assert.Null(Driver.Value.Run(method));
    }
}
