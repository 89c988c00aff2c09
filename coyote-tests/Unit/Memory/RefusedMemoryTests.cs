using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

/// <summary>Where the operating system refuses a thread's stripes, in a process of its own whose limit is lowered.</summary>
public sealed class RefusedMemoryTests
{
    [Fact]
    public void I76_a_thread_whose_stripes_are_refused_counts_all_the_same_and_no_address_space_stays_taken()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of memory that can be written is Linux's.");
        string told = OwnProcess.RunWith([("PERCPU_STRIPES", "thread")], nameof(StripesRefused));
        Assert.SkipWhen(told == "no limit", "An emulator takes a limit, and keeps it from the kernel, whose own memory it needs.");
        Assert.Equal("count 3 then 4, address space kept: False, released: True", told);
    }
}
