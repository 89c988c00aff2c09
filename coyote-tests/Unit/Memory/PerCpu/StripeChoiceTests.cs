using System.Runtime.InteropServices;
using Percpu.Memory;
using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory.PerCpu;

/// <summary>Which kind of stripes a process gets, and that whatever is missing leads to thread stripes with its reason.</summary>
public sealed class StripeChoiceTests
{
    public static TheoryData<string, string> Obstacles => new()
    {
        { "other-system", "restartable sequences are of Linux on x64 and arm64" },
        { "other-machine", "restartable sequences are of Linux on x64 and arm64" },
        { "other-library", "the C library does not register restartable sequences (glibc from 2.35 on does)" },
        { "told-not-to", "the C library was told not to register restartable sequences (glibc.pthread.rseq=0)" },
        { "old-kernel", "the kernel has no restartable sequences" },
        { "taken", "restartable sequences are taken: another library has registered them" },
        { "refused", "restartable sequences are refused (error 1)" },
        { "out-of-reach", "the C library put struct rseq out of reach (1099511627776 bytes from the thread pointer)" },
        { "no-fence", "the kernel cannot restart sequences (membarrier PRIVATE_EXPEDITED_RSEQ, from Linux 5.10 on)" },
        { "fence-refused", "membarrier is refused (error 1)" },
        { "many-processors", "there are too many processors (100000)" },
        { "no-memory", "there is no memory for the machine code of restartable sequences" },
        { "no-executable-memory", "executable memory is forbidden (error 13)" },
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void What_is_missing_leads_to_thread_stripes_and_is_said(string obstacle, string said)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What Linux lacks is about Linux.");
        StripeChoice choice = StripeChoice.Make(Without(obstacle), "cpu", null);
        Assert.Null(choice.Section);
        Assert.Equal($"Stripes per thread: PERCPU_STRIPES says so, but {said}.", choice.Reason);
    }

    [Fact]
    public void With_stripes_per_CPU_every_processor_has_an_area()
    {
        NeedsRseq();
        string written = OwnProcess.RunWith([("PERCPU_STRIPES", "cpu")], nameof(ProcessorAreas));
        Assert.SkipWhen(written.StartsWith("Thread", StringComparison.Ordinal), "The process has found no second processor for its self test.");
        Assert.Equal("Cpu: 0 without", written);
    }

    [Fact]
    public void Memory_that_cannot_be_made_executable_is_given_back()
    {
        NeedsRseq();
        var system = new MissingSystem { SealError = 13 };
        StripeChoice.Make(system, "cpu", null);
        Assert.Equal(1, system.Unmapped);
    }

    [Fact]
    public void A_kernel_whose_fence_restarts_nothing_is_found_out_by_the_self_test()
    {
        NeedsRseq();
        StripeChoice choice = StripeChoice.Make(new MissingSystem { FenceDoesNothing = true }, "cpu", null);
        Assert.Null(choice.Section);
        // Without a second processor for a moment there is no look at a section that runs, and no certainty.
        Assert.True(choice.Reason.Contains("does not restart", StringComparison.Ordinal)
            || choice.Reason.Contains("no second processor", StringComparison.Ordinal), choice.Reason);
    }

    [Theory]
    [InlineData("thread", null, "Stripes per thread: PERCPU_STRIPES says so.")]
    [InlineData(null, "thread", "Stripes per thread: Percpu.Stripes says so.")]
    [InlineData(" Thread ", "cpu", "Stripes per thread: PERCPU_STRIPES says so.")]
    [InlineData(null, null, "Stripes per thread: 12 threads are alive, and the thread pool begins with 2; from 1000 on stripes are per CPU.")]
    [InlineData("auto", "cpu", "Stripes per thread: 12 threads are alive, and the thread pool begins with 2; from 1000 on stripes are per CPU.")]
    [InlineData("fast", null, "Stripes per thread: PERCPU_STRIPES is 'fast', which is none of thread, cpu and auto; 12 threads are alive, and the thread pool begins with 2; from 1000 on stripes are per CPU.")]
    public void The_environment_comes_first_then_the_setting_and_nothing_means_auto(string? environment, string? setting, string said)
    {
        StripeChoice choice = StripeChoice.Make(new MissingSystem { ThreadCount = 12 }, environment, setting);
        Assert.Null(choice.Section);
        Assert.Equal(said, choice.Reason);
    }

    [Theory]
    [InlineData(StripeChoice.ManyThreads, 2)]
    [InlineData(12, StripeChoice.ManyThreads)]
    public void Auto_takes_processors_where_threads_are_many(int alive, int pool)
    {
        NeedsRseq();
        StripeChoice choice = StripeChoice.Make(new MissingSystem { ThreadCount = alive, PoolCount = pool }, null, "auto");
        Assert.NotNull(choice.Section);
        Assert.StartsWith("Stripes per CPU, by ", choice.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, RseqPlace.ConcurrencyIdField)]
    [InlineData(28, RseqPlace.ConcurrencyIdField)]
    [InlineData(27, RseqPlace.CpuIdField)]
    [InlineData(20, RseqPlace.CpuIdField)]
    [InlineData(0, RseqPlace.CpuIdField)]
    public void The_concurrency_id_is_used_where_the_kernel_says_that_it_fills_it(int featureSize, int field)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Restartable sequences are of Linux.");
        Assert.Null(RseqPlace.Find(Invented(processors: 3, featureSize), out RseqPlace place));
        Assert.Equal(new RseqPlace(-160, field, 3), place);
    }

    [Fact]
    public void So_many_processors_as_a_place_can_count_are_not_too_many()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Restartable sequences are of Linux.");
        Assert.Null(RseqPlace.Find(Invented(ushort.MaxValue, 28), out RseqPlace place));
        Assert.Equal(ushort.MaxValue, place.Count);
        Assert.Equal($"there are too many processors ({ushort.MaxValue + 1})", RseqPlace.Find(Invented(ushort.MaxValue + 1, 28), out _));
    }

    [Fact]
    public void The_kind_of_this_process_and_its_reason_are_public()
    {
        Assert.Equal(PercpuStripes.Kind == StripeKind.Cpu ? "Stripes per CPU" : "Stripes per thread", PercpuStripes.Reason[..(PercpuStripes.Kind == StripeKind.Cpu ? 15 : 18)]);
        Assert.EndsWith(".", PercpuStripes.Reason, StringComparison.Ordinal);
    }

    internal static void NeedsRseq() =>
        Assert.SkipUnless(RseqPlace.Find(new MissingSystem(), out _) is null, $"No restartable sequences here: {RseqPlace.Find(new MissingSystem(), out _)}.");

    /// <summary>One in which nothing is asked of this machine's.</summary>
    private static MissingSystem Invented(int processors, int featureSize) =>
        new() { Machine = Architecture.X64, Registration = (-160, 32), FenceError = 0, ProcessorCount = processors, FeatureSize = featureSize };

    private static MissingSystem Without(string what) => what switch
    {
        "other-system" => new() { Linux = false },
        "other-machine" => new() { Machine = Architecture.X86 },
        "other-library" => new() { KnowsRegistration = false },
        "told-not-to" => new() { Registration = (0, 0), RegisterError = 0 },
        "old-kernel" => new() { Registration = (0, 0), RegisterError = RseqSystem.NoSuchCall },
        "taken" => new() { Registration = (0, 0), RegisterError = RseqSystem.Busy },
        "refused" => new() { Registration = (0, 0), RegisterError = RseqSystem.NotPermitted },
        "out-of-reach" => new() { Registration = (1L << 40, 20) },
        "no-fence" => new() { Registration = (64, 20), FenceError = RseqSystem.Invalid },
        "fence-refused" => new() { Registration = (64, 20), FenceError = RseqSystem.NotPermitted },
        "many-processors" => new() { Registration = (64, 20), FenceError = 0, ProcessorCount = 100_000 },
        "no-memory" => new() { Registration = (64, 20), FenceError = 0, NoCodeMemory = true },
        "no-executable-memory" => new() { Registration = (64, 20), FenceError = 0, SealError = 13 },
        _ => throw new ArgumentException(what),
    };
}
