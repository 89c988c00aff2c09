using Apache.Arrow;
using Percpu.Buffers;

namespace Percpu.Arrow;

/// <summary>A batch whose values are mapped bytes, which it keeps mapped until it is disposed.</summary>
/// <remarks>Its arrays, and slices of it by <see cref="RecordBatch.Slice"/>, must not be used after that; while other batches
/// keep the file mapped they still show its bytes, then they throw <see cref="ObjectDisposedException"/>. Dropped without
/// dispose, it keeps the file mapped and is reported as an event of the EventSource <c>Percpu</c>: nobody can know whether an
/// array of it is still in use.</remarks>
public sealed class MappedRecordBatch : RecordBatch
{
    private readonly HeldPin _pin;

    internal MappedRecordBatch(Schema schema, IEnumerable<IArrowArray> arrays, int length, HeldPin pin)
        : base(schema, arrays, length) => _pin = pin;

    /// <summary>A part of the rows, over the same bytes, with a pin of its own: either may be disposed first.</summary>
    /// <param name="offset">First row.</param>
    /// <param name="length">Number of rows, at most; the batch may have less.</param>
    /// <exception cref="ArgumentException"><paramref name="offset"/> is beyond the last row, or a number is negative.</exception>
    /// <exception cref="ObjectDisposedException">This batch was disposed.</exception>
    /// <remarks>Hides <see cref="RecordBatch.SliceShared"/>, which shares nothing where no allocator owns the memory.</remarks>
    public new MappedRecordBatch SliceShared(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        HeldPin pin = _pin.Share();
        try
        {
            using RecordBatch part = Slice(offset, length);
            return new MappedRecordBatch(Schema, part.Arrays, part.Length, pin);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // First what may use the bytes, then the bytes.
        base.Dispose(disposing);
        if (disposing)
            _pin.Dispose();
    }
}
