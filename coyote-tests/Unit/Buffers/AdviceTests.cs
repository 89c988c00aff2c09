using System.Globalization;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Advice is for whole pages, and for those of its range only: where it differs, Linux tells a mapping as several.</summary>
public sealed class AdviceTests
{
    private static readonly int Page = Environment.SystemPageSize;

    // First byte and length, and the pages that are meant; beside whole pages.
    [Theory]
    [InlineData(1, 0, 2, 0, 1, 3)]
    [InlineData(1, 5, 1, -5, 1, 2)]
    [InlineData(1, 5, 1, -4, 1, 3)]
    [InlineData(1, 0, 1, 1, 1, 3)]
    [InlineData(2, -1, 0, 1, 1, 2)]
    [InlineData(2, -1, 0, 2, 1, 3)]
    public void Advice_reaches_the_pages_of_its_range_and_no_other(int offsetPages, int offset, int lengthPages, int length, int firstPage, int endPage)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells how a mapping is divided.");
        foreach (MemoryAdvice advice in (MemoryAdvice[])[MemoryAdvice.Random, MemoryAdvice.Sequential])
        {
            using var scratch = new ScratchFile(8 * Page, sparse: true);
            using MappedFile file = MappedFile.Open(scratch.Location);
            Assert.Equal([0, 8], Borders(scratch));
            Assert.True(file.Advise(advice, (offsetPages * Page) + offset, (lengthPages * Page) + length));
            Assert.Equal([0, firstPage, endPage, 8], Borders(scratch));
            Assert.True(file.Advise(MemoryAdvice.Normal));
            Assert.Equal([0, 8], Borders(scratch));
        }
    }

    [Fact]
    public void Advice_to_use_huge_pages_is_given_where_there_are_any()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/sys/kernel/mm/transparent_hugepage/enabled"), "This kernel has no transparent huge pages.");
        Smaps.Need();
        using NativeSlab slab = NativeSlab.Allocate(4 << 20);
        Assert.True(slab.Advise(MemoryAdvice.HugePages));
        long address;
        using (MappedPin pin = slab.Pin())
        {
            unsafe
            {
                fixed (byte* first = pin.Span)
                    address = (long)first;
            }
        }
        Assert.Contains(" hg", Smaps.Read().Single(each => each.Start <= address && address < each.End).Flags, StringComparison.Ordinal);
    }

    // In pages from the first one on.
    private static long[] Borders(ScratchFile file)
    {
        long[][] ranges =
        [
            .. File.ReadLines("/proc/self/maps").Where(line => line.Contains(file.Location, StringComparison.Ordinal))
                .Select(line => line.Split(' ')[0].Split('-').Select(border => long.Parse(border, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray()),
        ];
        return [.. ranges.SelectMany(range => range).Distinct().Order().Select(border => (border - ranges[0][0]) / Page)];
    }
}
