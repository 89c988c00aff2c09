using Percpu.Memory;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory.PerCpu;

/// <summary>What is asked of the system, on this machine.</summary>
public sealed unsafe class RseqSystemTests
{
    private readonly RseqSystem _system = RseqSystem.Current;

    [Fact]
    public void A_thread_is_moved_to_the_processor_that_it_is_told_and_to_no_other()
    {
        NeedsLinux();
        Worker.Run(() => // Its thread ends where it was moved to.
        {
            List<int> allowed = _system.AllowedProcessors();
            Assert.NotEmpty(allowed);
            Assert.Equal(allowed.Order().Distinct(), allowed);
            Assert.All(allowed, processor => Assert.InRange(processor, 0, _system.Processors - 1));
            foreach (int processor in allowed)
            {
                _system.MoveThread(processor);
                Assert.Equal([processor], _system.AllowedProcessors());
            }
        });
    }

    [Fact]
    public void Code_is_mapped_to_be_written_then_sealed_and_unmapped()
    {
        NeedsLinux();
        bool unmapped = false;
        for (int i = 0; i < 10 && !unmapped; i++) // A thread beside this one may map something where it was.
        {
            nint code = _system.MapCode(4096);
            Assert.NotEqual(0, code);
            Assert.StartsWith("rw-p", Protection(code), StringComparison.Ordinal);
            new Span<byte>((void*)code, 4096).Fill(0xCC);
            Assert.Equal(0, _system.SealCode(code, 4096));
            Assert.StartsWith("r-xp", Protection(code), StringComparison.Ordinal);
            _system.UnmapCode(code, 4096);
            unmapped = Protection(code) is null;
        }
        Assert.True(unmapped);
        Assert.Equal(RseqSystem.NoMemory, _system.SealCode(0, 4096)); // Nothing is there.
        Assert.Equal(0, _system.MapCode(nuint.MaxValue / 2)); // More than there is.
    }

    [Fact]
    public void Threads_and_processors_are_counted_as_the_system_counts_them()
    {
        NeedsLinux();
        Assert.InRange(_system.Threads, 2, 10_000);
        Assert.InRange(_system.Processors, Environment.ProcessorCount, ushort.MaxValue);
        Assert.True(_system.PoolThreads > 0);
        Assert.Equal((ulong)Environment.SystemPageSize, (ulong)_system.AuxiliaryValue(6)); // AT_PAGESZ
        Assert.Equal(0, _system.AuxiliaryValue(9999));
    }

    private static void NeedsLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Restartable sequences are of Linux.");

    private static string? Protection(nint address) => File.ReadLines("/proc/self/maps").Select(line => line.Split(' '))
        .Where(parts => Convert.ToInt64(parts[0].Split('-')[0], 16) <= address && address < Convert.ToInt64(parts[0].Split('-')[1], 16)).Select(parts => parts[1]).SingleOrDefault();
}
