using Lucene.Net.Store;
using Percpu.Buffers;
using Percpu.Lucene;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Lucene;

/// <summary>Which advice a file gets, and the numbers of variable length that a window holds.</summary>
public sealed class AdviceAndNumbersTests
{
    [Fact]
    public void Each_use_of_a_file_has_its_advice()
    {
        var options = new PercpuDirectoryOptions { SearchAdvice = MemoryAdvice.WillNeed, MergeAdvice = MemoryAdvice.HugePages };
        Assert.Equal(MemoryAdvice.WillNeed, options.AdviceFor(IOContext.READ));
        Assert.Equal(MemoryAdvice.HugePages, options.AdviceFor(IOContext.READ_ONCE));
        Assert.Equal(MemoryAdvice.HugePages, options.AdviceFor(new IOContext(new MergeInfo(1, 1, isExternal: false, 1))));
        Assert.Equal(MemoryAdvice.Normal, options.AdviceFor(new IOContext(new FlushInfo(1, 1))));
        var usual = new PercpuDirectoryOptions();
        Assert.Equal((MemoryAdvice.Random, MemoryAdvice.Sequential), (usual.AdviceFor(IOContext.READ), usual.AdviceFor(IOContext.READ_ONCE)));
        foreach (MemoryAdvice undefined in (MemoryAdvice[])[MemoryAdvice.Normal - 1, MemoryAdvice.HugePages + 1])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new PercpuDirectoryOptions { SearchAdvice = undefined });
            Assert.Throws<ArgumentOutOfRangeException>(() => new PercpuDirectoryOptions { MergeAdvice = undefined });
        }
    }

    [Fact]
    public void A_file_is_mapped_with_the_advice_of_its_use()
    {
        Smaps.Need();
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("f"), new byte[8192]);
        File.WriteAllBytes(folder.At("empty"), []);
        using var directory = new PercpuDirectory(folder.Root);
        foreach ((IOContext context, bool random, bool sequential) in (ReadOnlySpan<(IOContext, bool, bool)>)[(IOContext.READ, true, false), (IOContext.READ_ONCE, false, true), (IOContext.DEFAULT, false, false)])
        {
            using IndexInput input = directory.OpenInput("f", context);
            string flags = Smaps.Read().Single(each => each.File == folder.At("f")).Flags;
            Assert.Equal((random, sequential), (flags.Contains(" rr", StringComparison.Ordinal), flags.Contains(" sr", StringComparison.Ordinal)));
            using IndexInput empty = directory.OpenInput("empty", context); // Nothing is mapped, and nothing advised.
            Assert.Equal(0, empty.Length);
        }
    }

    [Fact]
    public void A_number_that_ends_in_a_window_is_decoded_from_it_with_its_length()
    {
        for (int bits = 0; bits < 32; bits++)
        {
            foreach (int value in (int[])[(int)((1L << bits) - 1), (int)(1L << bits), ~(int)((1L << bits) - 1)])
            {
                (ulong window, int length) = Encode((uint)value);
                Assert.True(VInt.TryDecode32(window | Behind(length), out int decoded, out int taken));
                Assert.Equal((value, length), (decoded, taken));
            }
        }
        for (int bits = 0; bits < 56; bits++)
        {
            foreach (long value in (long[])[(1L << bits) - 1, 1L << bits])
            {
                (ulong window, int length) = Encode((ulong)value);
                Assert.True(VInt.TryDecode64(window | Behind(length), out long decoded, out int taken));
                Assert.Equal((value, length), (decoded, taken));
            }
        }
        Assert.False(VInt.TryDecode32(ulong.MaxValue, out _, out _)); // It has no end.
        Assert.False(VInt.TryDecode64(ulong.MaxValue, out _, out _));
    }

    // Seven bits a byte, the lowest first; all but the last byte have their highest bit set.
    private static (ulong Window, int Length) Encode(ulong value)
    {
        ulong window = 0;
        int length = 0;
        for (; value >= 0x80; value >>= 7)
            window |= (value & 0x7F | 0x80) << (8 * length++);
        return (window | value << (8 * length), length + 1);
    }

    // Other bytes follow it.
    private static ulong Behind(int length) => length < 8 ? ulong.MaxValue << (8 * length) : 0;
}
