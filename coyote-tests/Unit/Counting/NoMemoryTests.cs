using Percpu.Unit.Counting.Drivers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>A variant in which no area can be reserved or grown while a flag stands. The bodies are in <see cref="NoMemoryDriver"/>.</summary>
public sealed class NoMemoryTests
{
    private static readonly Lazy<Type> Driver = new(() => SourceVariant.Compile(
        typeof(NoMemoryDriver),
        [
            ("PerProcess.cs", "BankThreads = 256;", "BankThreads = 1;"), // Else a bank has room for many threads more.
            ("NativeBlocks.cs", "internal static long Reserve(long bytes)\n    {", "internal static long Reserve(long bytes)\n    {\n if (global::Percpu.Unit.Counting.Drivers.NoMemoryDriver.Fails) return 0;"),
            ("NativeBlocks.cs", "internal static bool Commit(long address, long bytes) =>", "internal static bool Commit(long address, long bytes) => global::Percpu.Unit.Counting.Drivers.NoMemoryDriver.Fails ? false :"),
        ]));

    [Fact]
    public void I24_without_memory_for_an_area_a_thread_counts_in_the_shared_count_and_exactly()
    {
        ThreadStripes.Need();
        Run("Alone");
    }

    [Fact]
    public void I24_without_memory_for_any_area_kill_reinit_and_release_work_on_several_threads() => Run("Together");

    [Fact]
    public void I24_when_areas_cannot_grow_the_constructor_throws_and_nothing_is_lost() => Run("Growing");

    [Fact]
    public void I44_a_teardown_without_memory_for_its_wait_waits_all_the_same() => Assert.Null(SourceVariant.Compile(
        typeof(NoMemoryDriver),
        [("PercpuRef.Draining.cs", "            Completion life;\n            do", "            if (Percpu.Unit.Counting.Drivers.NoMemoryDriver.Fails) throw new OutOfMemoryException();\n            Completion life;\n            do")]).Run("Draining"));

    [Fact]
    public void I76_where_no_large_bank_can_be_had_a_smaller_one_serves_and_its_end_is_a_clear_error()
    {
        ThreadStripes.Need();
        Assert.Null(SourceVariant.Compile(
            typeof(NoMemoryDriver),
            [("NativeBlocks.cs", "internal static long Reserve(long bytes)\n    {", "internal static long Reserve(long bytes)\n    {\n if (bytes > 300L << 20) return 0;")]).Run("Small"));
    }

    private static void Run(string method)
    {
        lock (Driver) // One flag for all.
            Assert.Null(Driver.Value.Run(method));
    }
}
