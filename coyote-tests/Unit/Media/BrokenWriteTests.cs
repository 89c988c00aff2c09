using Percpu.Pagemap;

namespace Percpu.Unit.Media;

/// <summary>A write that fails half-way, at each of its steps: what the medium holds is no longer known.</summary>
public sealed class BrokenWriteTests
{
    [Fact]
    public void I74_after_a_write_that_failed_in_the_middle_of_its_exchange_nothing_is_written_and_every_sector_is_read()
    {
        BttInfo info = SmallBtt.Info(8, 512, 2);
        byte[] before = new byte[512], data = new byte[512], found = new byte[512];
        before.AsSpan().Fill(1);
        data.AsSpan().Fill(2);
        int broken = 0;
        for (int steps = 0; ; steps++)
        {
            var medium = new CuttableMedium((int)SmallBtt.LengthFor(info));
            SmallBtt.Format(medium, info);
            BttArena arena = SmallBtt.Open(medium, info);
            arena.Write(3, before);
            medium.Budget = steps;
            try
            {
                arena.Write(3, data);
                Assert.True(broken > 4, $"Of {steps} steps only {broken} leave a medium of which nothing is known.");
                return;
            }
            catch (CuttableMedium.PowerCutException)
            {
            }
            medium.Budget = int.MaxValue;
            byte[] bytes = (byte[])medium.Bytes.Clone();
            bool mayWrite = steps < 64 + 1; // The block's words and their flush come before anything that matters.
            foreach (Action change in (Action[])[() => arena.Write(3, data), () => arena.Write(5, data), () => arena.Trim(6)])
            {
                if (mayWrite)
                    change();
                else
                    Assert.Contains("half-way", Assert.Throws<IOException>(change).Message, StringComparison.Ordinal);
            }
            arena.Read(3, found);
            if (mayWrite)
            {
                Assert.Equal(data, found);
                continue;
            }
            broken++;
            Assert.True(found.AsSpan().SequenceEqual(before) || found.AsSpan().SequenceEqual(data));
            Assert.Equal(bytes, medium.Bytes);
            SmallBtt.Open(medium, info).Write(3, before); // Opened anew, it is known again.
        }
    }

    [Fact]
    public void The_checksum_of_the_first_format_is_the_one_that_media_have()
    {
        Assert.Equal(0x9E37_79B9_E17D_05ACUL, LegacyChecksum.Of([]));
        Assert.Equal(Slow([], 5), LegacyChecksum.Of([], 5));
        byte[] bytes = [.. Enumerable.Range(1, 64).Select(i => (byte)(i * 37))];
        for (int words = 1; words <= 8; words++)
        {
            foreach (ulong seed in (ulong[])[0, 1, ulong.MaxValue])
                Assert.Equal(Slow(bytes[..(8 * words)], seed), LegacyChecksum.Of(bytes.AsSpan(0, 8 * words), seed));
        }
    }

    // Written from the description of the format, without its code.
    private static ulong Slow(byte[] bytes, ulong seed)
    {
        UInt128 modulus = UInt128.One << 64;
        ulong sum = seed ^ 11400714819323198485UL;
        for (int at = 0; at < bytes.Length; at += 8)
        {
            ulong word = 0;
            for (int i = 7; i >= 0; i--)
                word = (word * 256) + bytes[at + i];
            ulong turned = (sum << 29) + (sum >> 35);
            sum = (ulong)((UInt128)(turned ^ word) * 0xD6E8FEB86659FD93UL % modulus);
        }
        return sum ^ (sum / 4294967296UL);
    }
}
