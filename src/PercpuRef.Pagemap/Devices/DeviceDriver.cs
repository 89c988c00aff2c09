namespace Percpu.Pagemap;

/// <summary>What makes a device work.</summary>
/// <remarks>Kernel: <c>struct device_driver</c>.</remarks>
public abstract class DeviceDriver
{
    /// <summary>For messages.</summary>
    public abstract string Name { get; }

    /// <summary>Acquires what the device needs, each with <see cref="Device.AddResource"/> or a call that does so.</summary>
    /// <remarks>Throws if it cannot drive the device; everything acquired is then released.</remarks>
    protected internal abstract void Probe(Device device);

    /// <summary>Called before the resources are released.</summary>
    protected internal virtual void Remove(Device device)
    {
    }
}
