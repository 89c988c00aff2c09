namespace Percpu.Pagemap;

/// <summary>A range of page frames that no call could accept.</summary>
/// <remarks>Kernel: <c>-EINVAL</c>. <see cref="Fault"/> tells which check failed.</remarks>
public sealed class PfnRangeException : ArgumentOutOfRangeException
{
    /// <summary>Creates the exception with a default message.</summary>
    public PfnRangeException()
        : this("The range cannot be used.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public PfnRangeException(string message)
        : base(null, message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public PfnRangeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for an argument.</summary>
    public PfnRangeException(string paramName, PfnRange range, PfnRangeFault fault)
        : base(paramName, range, Describe(fault)) => Fault = fault;

    /// <summary>Which check failed.</summary>
    public PfnRangeFault Fault { get; }

    private static string Describe(PfnRangeFault fault) => fault switch
    {
        PfnRangeFault.Empty => "The range is empty.",
        PfnRangeFault.Wraps => "The range wraps the address space.",
        PfnRangeFault.Misaligned => $"Start and length must be multiples of {PagesPerSubsection} pages (2 MiB).",
        PfnRangeFault.TooLong => "A page map has at most 2^34 pages.",
        _ => "The range must lie in the frames of the space.",
    };

    private const ulong PagesPerSubsection = 512;
}
