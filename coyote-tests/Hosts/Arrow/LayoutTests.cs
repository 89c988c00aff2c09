using Apache.Arrow;
using Apache.Arrow.Ipc;
using Percpu.Arrow;
using Percpu.Unit.Support;

namespace Percpu.HostTests.Arrow;

/// <summary>The shortest files that begin and end as Arrow's do, and what is said of them.</summary>
public sealed class LayoutTests
{
    [Theory]
    [InlineData(7, "ends in its head")]
    [InlineData(17, "ends in its head")]
    [InlineData(18, "1 to 0 are possible")]
    [InlineData(19, "1 to 1 are possible")]
    public void A_file_too_short_for_a_footer_is_told_so(int length, string says)
    {
        byte[] bytes = new byte[length];
        "ARROW1"u8.CopyTo(bytes);
        if (length >= 12)
            "ARROW1"u8.CopyTo(bytes.AsSpan(^6..));
        Assert.Contains(says, Refuse(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_footer_is_at_least_a_byte_and_at_most_what_lies_behind_the_head()
    {
        byte[] bytes = new byte[30];
        "ARROW1"u8.CopyTo(bytes);
        "ARROW1"u8.CopyTo(bytes.AsSpan(^6..));
        foreach (int footer in (int[])[0, -1, 13])
        {
            BitConverter.GetBytes(footer).CopyTo(bytes, 20);
            Assert.Contains($"has {footer} bytes by its length; 1 to 12 are possible", Refuse(bytes), StringComparison.Ordinal);
        }
        foreach (int footer in (int[])[1, 12])
        {
            BitConverter.GetBytes(footer).CopyTo(bytes, 20);
            Assert.Contains("the footer of the Arrow file is damaged", Refuse(bytes), StringComparison.Ordinal);
        }
        bytes[^1] = (byte)'2';
        Assert.Contains("does not end in ARROW1", Refuse(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_asynchronous_read_gives_the_next_batch_unless_it_was_cancelled_before()
    {
        using var folder = new TempFolder();
        using var file = ArrowFile.Open(ArrowFiles.Write(folder, stream: false, batches: 1));
        IArrowArrayStream stream = file;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadNextRecordBatchAsync(new CancellationToken(canceled: true)));
        using (RecordBatch batch = await stream.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken))
            Assert.Equal(1_000, batch.Length);
        Assert.Null(await stream.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken));
    }

    private static string Refuse(byte[] bytes)
    {
        using var folder = new TempFolder();
        System.IO.File.WriteAllBytes(folder.At("f"), bytes);
        return Assert.Throws<InvalidDataException>(() => ArrowFile.Open(folder.At("f"))).Message;
    }
}
