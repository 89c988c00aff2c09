namespace Percpu.Pagemap;

/// <summary>A range of frames that cannot be mapped as it is.</summary>
/// <remarks>Kernel: <c>-ENXIO</c>. <see cref="Fault"/> tells why.</remarks>
public sealed class RemapException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RemapException()
        : this("The range cannot be mapped.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public RemapException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public RemapException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for a reason.</summary>
    public RemapException(string message, RemapFault fault)
        : base(message) => Fault = fault;

    /// <summary>Why.</summary>
    public RemapFault Fault { get; }
}
