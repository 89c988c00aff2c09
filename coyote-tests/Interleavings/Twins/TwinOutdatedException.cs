namespace Percpu.Interleavings.Twins;

/// <summary>A twin no longer fits the source: whoever changed the source must say what the defect looks like now.</summary>
public sealed class TwinOutdatedException : Exception
{
    public TwinOutdatedException()
    {
    }

    public TwinOutdatedException(string message)
        : base(message)
    {
    }

    public TwinOutdatedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
