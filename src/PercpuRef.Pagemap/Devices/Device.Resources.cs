using Percpu.Memory;

namespace Percpu.Pagemap;

// Managed resources: a stack, linked so that adding what was allocated before cannot fail.
public sealed unsafe partial class Device
{
    private DeviceResource? _resources; // Under the lock.

    /// <summary>Registers something to be undone when the driver is unbound, binding fails, or the device is removed.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="release">Undoes it. Runs once, on the thread that unbinds, after everything registered later.</param>
    /// <returns>A handle to release it early.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ObjectDisposedException">The device was removed. Nothing was registered.</exception>
    /// <remarks>Kernel: <c>devm_add_action</c>, <c>devres_add</c>.</remarks>
    public DeviceResource AddResource(string name, Action release)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(release);
        var resource = new DeviceResource(this, name, release);
        Add(resource);
        return resource;
    }

    internal void Add(DeviceResource resource)
    {
        SwitchLock.Enter(LockWord);
        try
        {
            ObjectDisposedException.ThrowIf(Atomic.LoadAcquire(State) == Removed, this);
            resource.Older = _resources;
            _resources = resource;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    /// <summary>Unlinks a resource; false if it was released or is being released.</summary>
    internal bool TryTake(DeviceResource resource)
    {
        SwitchLock.Enter(LockWord);
        try
        {
            if (_resources == resource)
            {
                _resources = resource.Older;
                return true;
            }
            for (DeviceResource? newer = _resources; newer is not null; newer = newer.Older)
            {
                if (newer.Older != resource)
                    continue;
                newer.Older = resource.Older;
                return true;
            }
            return false;
        }
        finally
        {
            SwitchLock.Exit(LockWord);
        }
    }

    private Failures ReleaseResources(Failures failures = default)
    {
        while (true)
        {
            SwitchLock.Enter(LockWord);
            DeviceResource? newest = _resources;
            _resources = newest?.Older;
            SwitchLock.Exit(LockWord);
            if (newest is null)
                return failures;
            try
            {
                newest.Undo();
            }
            catch (Exception exception)
            {
                PercpuEventSource.Log.CallbackFailed($"Release of {newest.Name}", exception.GetType().Name, exception.Message);
                failures.Add(exception);
            }
        }
    }
}
