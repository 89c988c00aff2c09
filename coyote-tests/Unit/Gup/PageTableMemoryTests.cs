using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

/// <summary>Page tables are native memory: no collector finds what is left of them.</summary>
public sealed class PageTableMemoryTests
{
    [Fact]
    public void An_address_space_gives_back_every_table_when_it_is_disposed() => Assert.Equal("held", OwnProcess.Run(nameof(AddressSpacesDisposed)));

    [Fact]
    public void An_address_space_that_is_refused_leaves_no_table() => Assert.Equal("held", OwnProcess.Run(nameof(AddressSpacesRefused)));
}
