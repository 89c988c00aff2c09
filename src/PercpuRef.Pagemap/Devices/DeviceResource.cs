namespace Percpu.Pagemap;

/// <summary>Something a device acquired and will release.</summary>
/// <remarks>Kernel: <c>struct devres</c>.</remarks>
public sealed class DeviceResource
{
    private readonly Device _device;
    private readonly Action _release;

    internal DeviceResource(Device device, string name, Action release)
    {
        _device = device;
        _release = release;
        Name = name;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    internal DeviceResource? Older { get; set; }

    /// <summary>Releases the resource now, out of order.</summary>
    /// <returns>False if it was released before: nothing happened.</returns>
    /// <remarks>Kernel: <c>devres_release</c>; for a map of pages, <c>devm_memunmap</c> and <c>devm_memunmap_pages</c>.</remarks>
    public bool Release()
    {
        if (!_device.TryTake(this))
            return false;
        Undo();
        return true;
    }

    internal void Undo() => _release();
}
