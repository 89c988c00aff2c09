using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>Something a device acquired and will release.</summary>
/// <remarks>Kernel: <c>struct devres</c>. Thread-safety: every member, from any thread.</remarks>
public sealed class DeviceResource
{
    private readonly Device _device;
    private readonly Action _release;
    private readonly Completion _released = new();
    private int _releasedBy; // Under the device's lock: 0, or the thread that has begun.

    internal DeviceResource(Device device, string name, Action release)
    {
        _device = device;
        _release = release;
        Name = name;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    internal DeviceResource? Older { get; set; }

    /// <summary>Whether this thread is just releasing it, and so cannot wait for the end of that. Under the device's lock.</summary>
    internal bool IsBeingReleasedHere => _releasedBy == ThreadIdentity.Current.Id;

    /// <summary>Releases the resource now, out of order. A device that is unbound meanwhile waits for it before it releases
    /// anything older.</summary>
    /// <returns>False if it was released before, or is just being released by somebody else: nothing happened.</returns>
    /// <remarks>Kernel: <c>devres_release</c>; for a map of pages, <c>devm_memunmap</c> and <c>devm_memunmap_pages</c>.</remarks>
    public bool Release() => _device.Release(this);

    /// <summary>Releases the resource, or waits for whoever is releasing it.</summary>
    internal void ReleaseOrWait()
    {
        if (!Release())
            WaitForEnd();
    }

    /// <summary>Whether its release begins with this call. Under the device's lock.</summary>
    internal bool TryBegin()
    {
        if (_releasedBy != 0)
            return false;
        _releasedBy = ThreadIdentity.Current.Id;
        return true;
    }

    internal void Undo() => _release();

    internal void End() => _released.Succeed();

    internal void WaitForEnd()
    {
        Waiter waiter = Waiter.Uninterruptible;
        waiter.WaitFor(_released, Timeout.InfiniteTimeSpan);
        waiter.End();
    }
}
