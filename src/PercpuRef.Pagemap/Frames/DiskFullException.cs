namespace Percpu.Pagemap;

/// <summary>The file behind a range needs room that its disk does not have. What was written before stays.</summary>
/// <remarks>Kernel: <c>-ENOSPC</c>.</remarks>
public sealed class DiskFullException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public DiskFullException()
        : this("The disk is full.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public DiskFullException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public DiskFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
