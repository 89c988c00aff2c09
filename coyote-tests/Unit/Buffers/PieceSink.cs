namespace Percpu.Unit.Buffers;

/// <summary>What a stream is copied into: a copy that does not end is told by its pieces, before it has taken all memory or a minute.</summary>
internal sealed class PieceSink : MemoryStream
{
    private const int MostBytes = 1 << 20;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Assert.False(buffer.IsEmpty, "An empty piece: the copy will not end.");
        Assert.True(Length + buffer.Length <= MostBytes, "More than the stream has: the copy does not end.");
        base.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
