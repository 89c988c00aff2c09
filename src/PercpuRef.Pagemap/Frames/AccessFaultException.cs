namespace Percpu.Pagemap;

/// <summary>An address or page cannot be accessed as asked.</summary>
/// <remarks>Kernel: <c>-EFAULT</c>.</remarks>
public sealed class AccessFaultException : InvalidOperationException
{
    /// <summary>Creates the exception with a default message.</summary>
    public AccessFaultException()
        : this("The address cannot be accessed.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public AccessFaultException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public AccessFaultException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for an address.</summary>
    public AccessFaultException(ulong address, AccessFault fault)
        : base($"Address 0x{address:x}: {Describe(fault)}")
    {
        Address = address;
        Fault = fault;
    }

    /// <summary>The address, where one is known.</summary>
    public ulong Address { get; }

    /// <summary>What was wrong.</summary>
    public AccessFault Fault { get; }

    private static string Describe(AccessFault fault) => fault switch
    {
        AccessFault.OutOfRange => "no area is mapped there.",
        AccessFault.NotPresent => "there is no page, and none can be had: nothing is mapped, or its device is going away.",
        AccessFault.ReadOnly => "the area is for reading only.",
        AccessFault.NoAccess => "the area forbids this access.",
        AccessFault.Special => "the page has no frame: its disk was bound raw. Format the namespace as Pfn, or bind it with mapPages.",
        AccessFault.DeviceFailed => "the driver of the device could not bring the page back.",
        _ => "it cannot be accessed.",
    };
}
