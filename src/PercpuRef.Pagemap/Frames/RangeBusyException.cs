namespace Percpu.Pagemap;

/// <summary>A range of page frames is taken, wholly or in part.</summary>
/// <remarks>Kernel: <c>-EBUSY</c>.</remarks>
public sealed class RangeBusyException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RangeBusyException()
        : this("The range is busy.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public RangeBusyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public RangeBusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for a range that was asked for and one that is in its way.</summary>
    public RangeBusyException(PfnRange requested, PfnRange inTheWay)
        : base($"{requested} overlaps {inTheWay}, or shares with it a section of 32,768 pages (128 MiB).")
    {
        Requested = requested;
        InTheWay = inTheWay;
    }

    /// <summary>The range that was asked for.</summary>
    public PfnRange Requested { get; }

    /// <summary>The registered range that it meets.</summary>
    public PfnRange InTheWay { get; }
}
