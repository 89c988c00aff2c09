using Apache.Arrow;
using Apache.Arrow.Ipc;
using Percpu.Buffers;

namespace Percpu.Arrow;

/// <summary>
/// An Arrow IPC file or stream that lies in a file and is read in place: the values of its batches are the mapped bytes, of
/// which nothing is copied. Each batch keeps them mapped until it is disposed, whatever happens to this object.
/// </summary>
/// <remarks>
/// <para>Values are aligned as in the file: to 8 bytes, seldom to more. Bodies that are compressed are unpacked into memory of
/// their own, which needs a codec factory.</para>
/// <para>The file may have any length; one batch has at most 2^31 - 1 bytes, what Apache.Arrow can address.</para>
/// <para>Thread-safety: reading batches is for one thread at a time, as with Arrow's own readers; disposing is for any
/// thread at any time.</para>
/// </remarks>
public sealed class ArrowFile : IArrowArrayStream
{
    private readonly MappedFile _file;
    private readonly ICompressionCodecFactory? _codecs;
    private readonly Layout _layout;
    private readonly HeldPin _pin; // Of the reader.
    private readonly ValuesCheck? _check; // Null when trusted.
    private ArrowStreamReader _reader;

    private ArrowFile(MappedFile file, ICompressionCodecFactory? codecs, bool trusted)
    {
        _file = file;
        _codecs = codecs;
        _check = trusted ? null : new ValuesCheck();
        _layout = Layout.Of(file);
        _pin = file.Hold();
        try
        {
            _reader = CreateReader();
            Schema = Checked(() => _reader.Schema) ?? throw new InvalidDataException($"No schema in '{Name}'.");
        }
        catch
        {
            _pin.Dispose();
            throw;
        }
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; }

    /// <summary>Whether it is a stream rather than a file with a table of its batches at the end.</summary>
    public bool IsStream => _layout.IsStream;

    /// <summary>The mapped file: to advise the operating system, to look at its pins, to wait for its unmapping.</summary>
    public MappedFile File => _file;

    private string Name => _file.ToString();

    /// <summary>Maps a file and reads its schema; nothing else is read.</summary>
    /// <param name="path">The file: in Arrow's file format, or a stream as it stands.</param>
    /// <param name="codecs">What unpacks compressed batches (Apache.Arrow.Compression has one); null where none are.</param>
    /// <param name="trusted">Leaves out one check of each batch: whether all its texts and lists lie inside of their columns, for
    /// which their offsets are read once. Without it Apache.Arrow reads outside of the mapped bytes where they do not.</param>
    /// <exception cref="InvalidDataException">The file is empty, neither format, or its schema or footer is damaged.</exception>
    /// <exception cref="IOException">No such file (<see cref="FileNotFoundException"/>), or any other failure of the operating system.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static ArrowFile Open(string path, ICompressionCodecFactory? codecs = null, bool trusted = false)
    {
        MappedFile file = MappedFile.OpenRead(path);
        try
        {
            return new ArrowFile(file, codecs, trusted);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The next batch, over the mapped bytes. Dispose of it: until then the file stays mapped.</summary>
    /// <returns>Null after the last one.</returns>
    /// <exception cref="InvalidDataException">The file is damaged here: no length in it leads outside the mapped bytes.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public MappedRecordBatch? ReadNextRecordBatch()
    {
        HeldPin pin = _file.Hold();
        try
        {
            if (Checked(ReadAndCheck) is { } batch)
                return new MappedRecordBatch(batch.Schema, batch.Arrays, batch.Length, pin);
            pin.Dispose();
            return null;
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>Goes back to the first batch.</summary>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public void Rewind()
    {
        ObjectDisposedException.ThrowIf(_file.IsDisposed, this);
        _reader = CreateReader();
    }

    /// <summary>As <see cref="ReadNextRecordBatch"/>, which waits for nothing but the medium behind the mapped bytes.</summary>
    /// <param name="cancellationToken">Asked before.</param>
    async ValueTask<RecordBatch> IArrowReader.ReadNextRecordBatchAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.CompletedTask.ConfigureAwait(false);
        return ReadNextRecordBatch()!;
    }

    /// <summary>Refuses further batches. The file is unmapped when the last batch has been disposed. May be called twice.</summary>
    public void Dispose()
    {
        _pin.Dispose();
        _file.Dispose();
    }

    private RecordBatch? ReadAndCheck()
    {
        RecordBatch? batch = _reader.ReadNextRecordBatch();
        if (batch is not null)
            _check?.Check(batch);
        return batch;
    }

    private ArrowStreamReader CreateReader()
    {
        var stream = new InPlaceStream(_pin, _layout.Head, _layout.Start, _layout.End);
        return new ArrowStreamReader(stream, stream.Bodies, _codecs, leaveOpen: false);
    }

    // What Arrow's reader throws where a length or an offset in the file is wrong depends on where it is; some is Exception itself.
    // That it does not know a type or a codec is no damage: it says so itself.
    private T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is not (IOException or ObjectDisposedException or OutOfMemoryException or NotSupportedException or NotImplementedException))
        {
            throw new InvalidDataException($"Damaged Arrow data in '{Name}': {exception.Message}", exception);
        }
    }
}
