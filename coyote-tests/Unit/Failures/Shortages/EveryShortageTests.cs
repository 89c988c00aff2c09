using Percpu.Unit.Counting;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>
/// Each place of the source that asks for memory or calls the system fails in turn, and programs that use everything go on from there:
/// the failure is told or made up for, nothing is left behind, and nothing is lost that was there. The list of places is the compiler's.
/// </summary>
public sealed class EveryShortageTests(ITestOutputHelper output)
{
    /// <summary>How often the same place fails in one program: at its first reach, and at the second. Programs of media are long, and
    /// what they reach twice is much the same.</summary>
    private static int ReachesOf(string program) => program.StartsWith("media", StringComparison.Ordinal) ? 1 : 2;

    private const string OncePerProcess = "Once a process, before the first program.";
    private const string Reserved = "Room was made before, so this takes no memory.";
    private const string OtherSystems = "Another system's, or another kind of device.";
    private const string Failing = "Only where callbacks throw: InjectedFailureTests.";

    /// <summary>By the beginning of its name, and what it contains.</summary>
    private static readonly (string Where, string What, string Why)[] Unreached =
    [
        ("Rseq", "", "Once a process, with stripes per CPU; what fails there means stripes per thread: StripeChoiceTests."),
        ("StripeChoice.cs", "", OncePerProcess),
        ("StripeSet.cs", "new StripeBanks(PerProcess.CommitsByPage)", "With stripes per CPU."),
        ("PerProcess.cs", "", OncePerProcess),
        ("Parking.cs", "", OncePerProcess),
        ("PercpuEventSource.cs", "new PercpuEventSource()", OncePerProcess),
        ("PercpuMeter.cs", "new MeterListener()", OncePerProcess),
        ("SlabPools.cs", "new ConditionalWeakTable", OncePerProcess),
        ("Completion.cs", "new TaskCompletionSource()", OncePerProcess),
        ("LoadContext.cs", "", "Only in a load context that can be unloaded."),
        ("CollectionWatch.cs", "", "On the thread of finalizers."),
        ("FileStatus.cs", "Stat", OtherSystems),
        ("FileStatus.cs", "Seek", "A block device."),
        ("NativeBlocks.cs", "VirtualAlloc", OtherSystems),
        ("NativeBlocks.cs", "DontNeed", "Only where a whole run of references is gone; without it the run keeps its sums."),
        ("RegionMemory.cs", "NativeBlocks.Commit((long)Address, Length)", OtherSystems),
        ("StripeBanks.cs", "NativeBlocks.Commit(bank", "Where memory is committed by page, on Windows."),
        ("Cleared.cs", ".Add(", Reserved),
        ("FrameMap.Populating.cs", "_populated.Add(", Reserved),
        ("SlabPool.Slabs.cs", "_depot.Push(", Reserved),
        ("SlabPool.Slabs.cs", "_slabs.Add(slab)", Reserved),
        ("SlabPool.Slabs.cs", "_retired.Add(", Reserved),
        ("SlotPool.cs", "_open.Push(run)", Reserved),
        ("SlotPool.cs", "_runs.Add(run)", Reserved),
        ("StripeSet.cs", "_readerRuns.Add(run)", Reserved),
        ("ThreadIndexes.cs", "_owners.Add(", Reserved),
        ("SlotPool.Watching.cs", "_dropped.Add(dropped)", "Only where references were dropped; what there is no memory to tell is not told."),
        ("LabelArea.Reading.cs", "namespaces.Add(", Reserved),
        ("PercpuRef.Inspecting.cs", "new StringBuilder(\":\")", "In the report of a stall, which is not made without memory: StallReportTests."),
        ("Failures.cs", "", Failing),
        ("MappedChunks.cs", "", "More than 2 GiB in one piece."),
        ("HolderTable.cs", "[.. _entries, new Entry(Unknown", "More holders than a table has room for."),
        ("LabelArea.Reading.cs", "faults.Add(", "A damaged label area."),
        ("LabelArea.Changing.cs", "found.Add(", "Free space in which a deleted namespace left a block."),
        ("NamespaceContent.cs", "new NamespaceContent()", "A namespace of less than two blocks."),
        ("BttStore.cs", "[arena]", "For who makes an arena without a namespace."),
    ];

    private static readonly Lazy<(Type Run, ShortagePoints Points)> Variant = new(Compile);

    public static TheoryData<string> Programs() => [.. ProgramRun.Names];

    [Theory]
    [MemberData(nameof(Programs))]
    public void I46_a_program_that_lacks_one_thing_loses_nothing_and_leaves_nothing(string program)
    {
        (Type run, ShortagePoints points) = Variant.Value;
        lock (run) // One switch for all.
        {
            int[] reached = new int[points.Names.Count];
            Assert.Null(run.GetMethod(nameof(ProgramRun.Count))!.Invoke(null, [program, reached]));
            List<string> wrong = [];
            int tried = 0;
            for (int point = 0; point < reached.Length; point++)
            {
                foreach (int after in Enumerable.Range(0, Math.Min(reached[point], ReachesOf(program))))
                {
                    tried++;
                    if (run.GetMethod(nameof(ProgramRun.Fail))!.Invoke(null, [program, point, after]) is string told)
                        wrong.Add($"{points.Names[point]}, reached {after + 1}. time of {reached[point]}: {told}");
                }
            }
            output.WriteLine($"{tried} failures at {reached.Count(each => each > 0)} of {reached.Length} places");
            Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        }
    }

    [Fact]
    public void Every_place_is_reached_by_a_program_or_it_is_told_here_why_none_can()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Another system reaches other places.");
        (Type run, ShortagePoints points) = Variant.Value;
        int[] reached = new int[points.Names.Count];
        lock (run)
        {
            foreach (string program in ProgramRun.Names)
                Assert.Null(run.GetMethod(nameof(ProgramRun.Count))!.Invoke(null, [program, reached]));
        }
        string[] missed = [.. points.Names.Where((_, point) => reached[point] == 0)];
        Assert.Equal([], missed.Where(name => !Unreached.Any(each => name.StartsWith(each.Where, StringComparison.Ordinal) && name.Contains(each.What, StringComparison.Ordinal))));
    }

    private static (Type Run, ShortagePoints Points) Compile()
    {
        var points = new ShortagePoints();
        Type run = SourceVariant.CompileAll("coyote-tests/Unit/Failures/Shortages", typeof(ProgramRun).FullName!, ["coyote-tests/Unit/Media/LegacyMedium.cs", "coyote-tests/Unit/Support/OpenFiles.cs"], points.Instrument,
            ("NativeBlocks.cs", "    internal static void* Allocate(nuint bytes) => NativeMemory.AllocZeroed(bytes);", "    internal static void* Allocate(nuint bytes) { void* block = NativeMemory.AllocZeroed(bytes); global::Percpu.Unit.Failures.Shortages.Shortage.CountBlock(1); return block; }"),
            ("NativeBlocks.cs", "    internal static void Free(void* block) => NativeMemory.Free(block);", "    internal static void Free(void* block) { if (block != null) global::Percpu.Unit.Failures.Shortages.Shortage.CountBlock(-1); NativeMemory.Free(block); }"),
            ("NativeBlocks.cs", "        return address == -1 ? 0 : address;", "        if (address != -1 && !PerProcess.BankSizes.Contains(bytes)) global::Percpu.Unit.Failures.Shortages.Shortage.CountReserved(1); return address == -1 ? 0 : address;"),
            ("NativeBlocks.cs", "    internal static void Release(long address, long bytes)\n    {", "    internal static void Release(long address, long bytes)\n    { if (!PerProcess.BankSizes.Contains(bytes)) global::Percpu.Unit.Failures.Shortages.Shortage.CountReserved(-1);"));
        return (run, points);
    }
}
