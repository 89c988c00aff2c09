namespace Percpu.Pagemap;

/// <summary>A medium whose info block is not what it must be. Nothing was written to it.</summary>
/// <remarks>Kernel: <c>-ENODEV</c> of <c>nd_pfn_validate</c> and <c>nd_btt_probe</c>. <see cref="Fault"/> tells why.</remarks>
public sealed class InfoBlockException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public InfoBlockException()
        : this("The info block cannot be used.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public InfoBlockException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public InfoBlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for a reason.</summary>
    public InfoBlockException(string message, InfoBlockFault fault)
        : base(message) => Fault = fault;

    /// <summary>What is wrong.</summary>
    public InfoBlockFault Fault { get; }
}
