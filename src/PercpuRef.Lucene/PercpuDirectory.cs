using Lucene.Net.Store;
using Percpu.Buffers;

namespace Percpu.Lucene;

/// <summary>
/// A directory of index files that are read through mapped memory, in place of <see cref="MMapDirectory"/>. Inputs, their
/// clones and slices may be closed at any time under running searches: these see an <see cref="ObjectDisposedException"/>
/// and nothing else, and the file is unmapped when the last read that was under way has ended, exactly once.
/// </summary>
/// <remarks>
/// <para>Every read pins the file for itself, for about a nanosecond. A clone holds nothing, since Lucene never closes clones:
/// unmapping would wait for the garbage collector.</para>
/// <para>Thread-safety: every member may be called from any thread. Inputs are for one thread at a time, as Lucene's are,
/// but may be closed by any.</para>
/// <para>Writing is what <see cref="FSDirectory"/> does. A file that another program cuts while it is mapped is outside the
/// promise, as for any mapping; see <see cref="MappedFile"/>.</para>
/// </remarks>
public class PercpuDirectory : FSDirectory
{
    private readonly PercpuDirectoryOptions _options;

    /// <summary>Opens a directory, which need not exist yet.</summary>
    /// <param name="path">Where.</param>
    /// <param name="lockFactory">How writers exclude each other; null for Lucene's default, native locks.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="path"/> is null.</exception>
    /// <exception cref="DirectoryNotFoundException">There is a file of that name.</exception>
    public PercpuDirectory(DirectoryInfo path, LockFactory? lockFactory = null, PercpuDirectoryOptions? options = null)
        : base(NotNull(path), lockFactory)
    {
        _options = options ?? new PercpuDirectoryOptions();
    }

    /// <inheritdoc cref="PercpuDirectory(DirectoryInfo, LockFactory?, PercpuDirectoryOptions?)"/>
    public PercpuDirectory(string path, LockFactory? lockFactory = null, PercpuDirectoryOptions? options = null)
        : this(new DirectoryInfo(path), lockFactory, options)
    {
    }

    // FSDirectory's own, which choose another directory, would be found under this class's name otherwise.

    /// <summary>Opens a <see cref="PercpuDirectory"/>.</summary>
    /// <param name="path">Where.</param>
    public static new PercpuDirectory Open(DirectoryInfo path) => new(path);

    /// <inheritdoc cref="Open(DirectoryInfo)"/>
    public static new PercpuDirectory Open(string path) => new(path);

    /// <summary>Opens a <see cref="PercpuDirectory"/>.</summary>
    /// <param name="path">Where.</param>
    /// <param name="lockFactory">How writers exclude each other; null for native locks.</param>
    public static new PercpuDirectory Open(DirectoryInfo path, LockFactory? lockFactory) => new(path, lockFactory);

    /// <inheritdoc cref="Open(DirectoryInfo, LockFactory?)"/>
    public static new PercpuDirectory Open(string path, LockFactory? lockFactory) => new(path, lockFactory);

    /// <summary>Maps a file for reading: the bytes it has now, also when it grows.</summary>
    /// <param name="name">The file's name in this directory.</param>
    /// <param name="context">What it will be read for: decides the advice to the operating system.</param>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="ObjectDisposedException">The directory was disposed.</exception>
    /// <exception cref="IOException">Any failure of the operating system.</exception>
    public override IndexInput OpenInput(string name, IOContext context) => Open(name, context);

    /// <summary>Maps a file that consists of parts, which are read through slices of the one mapping.</summary>
    /// <inheritdoc cref="OpenInput" path="/param|/exception"/>
    public override IndexInputSlicer CreateSlicer(string name, IOContext context) => new PercpuSlicer(Open(name, context));

    /// <summary>Asks the operating system to read all files ahead that are open for reading, without waiting for it.</summary>
    /// <returns>The number of bytes asked for; 0 where the operating system cannot.</returns>
    /// <remarks>After opening a reader, before its first searches. Undoes the advice of random reading.</remarks>
    public long Warm() => MappedIndexFiles.Warm(this);

    /// <summary>The files of this directory that are mapped: those open for reading, and those that were closed and wait
    /// for a read to end.</summary>
    public IReadOnlyList<MappedIndexFile> GetMappedFiles() => MappedIndexFiles.Of(this);

    private PercpuIndexInput Open(string name, IOContext context)
    {
        EnsureOpen();
        ArgumentNullException.ThrowIfNull(context);
        string path = Path.Combine(m_directory.FullName, name);
        MappedFile memory = Map(path);
        long length = memory.Length;
        try
        {
            if (_options.AdviceFor(context) is { } advice and not MemoryAdvice.Normal)
                memory.Advise(advice);
            MappedIndexFiles.Add(this, name, memory, length);
            return new PercpuIndexInput($"PercpuIndexInput(path=\"{path}\")", memory, length);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private static MappedFile Map(string path)
    {
        try
        {
            return MappedFile.OpenRead(path);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new FileNotFoundException(exception.Message, path, exception); // What Lucene expects of a missing file.
        }
    }

    private static DirectoryInfo NotNull(DirectoryInfo path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path;
    }
}
