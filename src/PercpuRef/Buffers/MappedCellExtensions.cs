namespace Percpu.Buffers;

/// <summary>What a <see cref="MappedCell{T}"/> can do with files.</summary>
public static class MappedCellExtensions
{
    /// <summary>Makes sure that the map in the cell has at least a length: grows its file if need be, and puts the longer map in
    /// its place. Readers of the old one read on.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="length">Bytes that the map shall have at least.</param>
    /// <returns>The map that stood in the cell then, at least so long. It belongs to the cell.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="cell"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The cell was disposed, or somebody disposed of its current map.</exception>
    /// <exception cref="InvalidOperationException">The map is copy-on-write.</exception>
    /// <exception cref="IOException">As of <see cref="MappedFile.Grow"/>, like all its other exceptions. The cell is as it was.</exception>
    /// <remarks>Any number of threads may grow at once: each returns when the cell is as long as it asked, and the cell never goes
    /// back to a shorter map. Blocks for the file system.</remarks>
    public static MappedFile Grow(this MappedCell<MappedFile> cell, long length)
    {
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        while (true)
        {
            MappedFile current = cell.Current ?? throw new ObjectDisposedException(nameof(MappedCell<>), "The cell was disposed.");
            if (current.Length >= length)
                return current;
            MappedFile next;
            try
            {
                next = current.Grow(length);
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(cell.Current, current))
            {
                continue; // Somebody has swapped: perhaps for a map that is long enough.
            }
            if (cell.TrySwap(current, next))
                return next;
            next.Dispose();
        }
    }
}
