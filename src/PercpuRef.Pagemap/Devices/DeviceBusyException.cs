namespace Percpu.Pagemap;

/// <summary>A device that is bound, or just being bound or unbound.</summary>
/// <remarks>Kernel: <c>-EBUSY</c> of <c>device_bind_driver</c>.</remarks>
public sealed class DeviceBusyException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public DeviceBusyException()
        : this("The device is busy.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public DeviceBusyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public DeviceBusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
