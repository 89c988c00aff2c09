using Percpu.Memory;
using Percpu.Pagemap;
using Percpu.Programs;
using Percpu.Unit.Support;

namespace Percpu.Unit.Gup;

public sealed unsafe class PteScanTests
{
    private const long Ignored = PageTableEntry.AccessedBit | PageTableEntry.DirtyBit;

    /// <summary>Every way to compare, whether this processor has it in hardware or not.</summary>
    [Theory]
    [InlineData("chosen")]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("scalar")]
    public void A_run_ends_where_number_or_flags_break(string way)
    {
        var random = new Random(20261121);
        long* entries = stackalloc long[80];
        for (int round = 0; round < 20_000; round++)
        {
            long first = PageTableEntry.Create(new Pfn((ulong)random.Next(1, 1 << 30)), PageTableEntry.PresentBit | PageTableEntry.DevmapBit).Value;
            for (int i = 0; i < 80; i++)
                entries[i] = (first + ((long)i << Pfn.PageShift)) | (random.NextInt64() & Ignored);
            int offset = random.Next(0, 8), count = random.Next(1, 72);
            int end = random.Next(0, 80);
            if (end > offset)
                entries[end] ^= 1L << random.Next(5, 40); // Not one of those that are ignored, nor those below.
            int expected = end > offset && end - offset < count ? end - offset : count;
            Assert.Equal(expected, Run(way, entries + offset, count, entries[offset]));
            if (round % 16 == 0)
                Assert.Equal(0, Run(way, entries + offset, count, entries[offset] ^ PageTableEntry.WritableBit));
        }
    }

    /// <summary>A page may be mapped at two addresses: the second of them ends the run.</summary>
    [Theory]
    [InlineData("chosen")]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("scalar")]
    public void A_run_ends_at_a_page_that_is_not_the_next_wherever_in_the_run_that_page_is(string way)
    {
        const int count = 20;
        long* entries = stackalloc long[count];
        long first = PageTableEntry.Create(new Pfn(1 << 20), PageTableEntry.PresentBit | PageTableEntry.DevmapBit).Value;
        for (int at = 1; at < count; at++)
        {
            for (int page = -count; page < 2 * count; page++)
            {
                for (int i = 0; i < count; i++)
                    entries[i] = first + ((long)(i == at ? page : i) << Pfn.PageShift);
                Assert.Equal(page == at ? count : at, Run(way, entries, count, first));
            }
        }
    }

    /// <summary>A vector that expects two pages in each other's place would take these for a run.</summary>
    [Theory]
    [InlineData("chosen")]
    [InlineData("512")]
    [InlineData("256")]
    [InlineData("128")]
    [InlineData("scalar")]
    public void A_run_ends_before_two_pages_that_have_changed_places(string way)
    {
        const int count = 20;
        long* entries = stackalloc long[count];
        long first = PageTableEntry.Create(new Pfn(1 << 20), PageTableEntry.PresentBit | PageTableEntry.DevmapBit).Value;
        for (int one = 0; one < count; one++)
        {
            for (int other = one + 1; other < count; other++)
            {
                for (int i = 0; i < count; i++)
                    entries[i] = first + ((long)(i == one ? other : i == other ? one : i) << Pfn.PageShift);
                Assert.Equal(one, Run(way, entries, count, first));
            }
        }
    }

    /// <summary>On processors that compare fewer at once, or only one, pages are pinned as on this one.</summary>
    [Theory]
    [InlineData("EnableAVX512")]
    [InlineData("EnableAVX2")]
    [InlineData("EnableHWIntrinsic")]
    public void I53_a_processor_with_less_in_hardware_finds_the_same_runs(string without)
    {
        (string, string)[] variables = [.. new[] { "DOTNET_" + without, "DOTNET_EnableAVX512F" }.Select(static name => (name, "0"))];
        Assert.Equal("70, 70; 69, 69; 37, 37; 29, 29; 6, 6; ", OwnProcess.RunWith(variables, nameof(PageRuns)));
    }

    private static int Run(string way, long* entries, int count, long first) => way switch
    {
        "512" => PteScan.RunLength512(entries, count, first, Ignored),
        "256" => PteScan.RunLength256(entries, count, first, Ignored),
        "128" => PteScan.RunLength128(entries, count, first, Ignored),
        "scalar" => PteScan.RunLengthScalar(entries, 0, count, first, Ignored),
        _ => PteScan.RunLength(entries, count, first, Ignored),
    };
}
