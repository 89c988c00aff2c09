namespace Percpu;

/// <summary>A reference was not released in time; says what is known of who holds it.</summary>
public sealed class ReleaseTimeoutException : TimeoutException
{
    /// <summary>Creates an empty one.</summary>
    public ReleaseTimeoutException()
        : this("The reference was not released in time.")
    {
    }

    /// <summary>Creates one with a message.</summary>
    public ReleaseTimeoutException(string message)
        : this(message, [])
    {
    }

    /// <summary>Creates one with a message and a cause.</summary>
    public ReleaseTimeoutException(string message, Exception innerException)
        : base(message, innerException) => Holders = [];

    internal ReleaseTimeoutException(string message, IReadOnlyList<PercpuRefHolder> holders)
        : base(message) => Holders = holders;

    /// <summary>Who holds the reference, the most references first; empty if it does not track its holders.</summary>
    public IReadOnlyList<PercpuRefHolder> Holders { get; }
}
