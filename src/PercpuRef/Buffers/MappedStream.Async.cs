namespace Percpu.Buffers;

// Reads and writes of memory wait for nothing: the asynchronous forms do the work at once, on the caller's thread, where those of
// the base class would take a thread of the pool. Only a flush, which waits for the medium, keeps that.
public sealed partial class MappedStream
{
    /// <inheritdoc/>
    /// <remarks>Completes before it returns, and allocates nothing.</remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        try
        {
            return new ValueTask<int>(Read(buffer.Span));
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<int>(exception);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Completes before it returns.</remarks>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    /// <remarks>Completes before it returns, and allocates nothing.</remarks>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        try
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Completes before it returns.</remarks>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    /// <remarks>Copies nothing itself: the other stream is given the mapped bytes, at most a GiB at a time.</remarks>
    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        using MappedPin pin = _pin.Pin();
        while (_position < _length)
        {
            int count = (int)Math.Min(_length - _position, MappedChunks.ChunkBytes);
            destination.Write(pin.ReadOnlySlice(_position, count));
            _position += count;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Copies nothing itself: the other stream is given the mapped bytes, at most a GiB at a time.</remarks>
    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        return CopyMemoryToAsync(destination, cancellationToken);
    }

    private async Task CopyMemoryToAsync(Stream destination, CancellationToken cancellationToken)
    {
        using HeldPin pin = _pin.Share();
        while (_position < _length)
        {
            int count = (int)Math.Min(_length - _position, MappedChunks.ChunkBytes);
            await destination.WriteAsync(pin.ReadOnlySlice(_position, count), cancellationToken).ConfigureAwait(false);
            _position += count;
        }
    }
}
