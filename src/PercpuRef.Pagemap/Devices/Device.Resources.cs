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
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        ThrowIfRemoved(Atomic.LoadAcquire(&Shared->State));
        resource.Older = _resources;
        _resources = resource;
    }

    /// <summary>Releases one resource out of order. It stays in the list until it is released: who unbinds waits for it there,
    /// before anything older goes.</summary>
    /// <returns>False if its release has begun.</returns>
    internal bool Release(DeviceResource resource)
    {
        if (!TryBegin(resource))
            return false;
        try
        {
            resource.Undo();
        }
        finally
        {
            Unlink(resource);
            resource.End();
        }
        return true;
    }

    private bool TryBegin(DeviceResource resource)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        return resource.TryBegin();
    }

    private void Unlink(DeviceResource resource)
    {
        using WordLock.Scope held = WordLock.EnterScope(&Shared->Lock);
        if (_resources == resource)
        {
            _resources = resource.Older;
        }
        else
        {
            for (DeviceResource? newer = _resources; newer is not null; newer = newer.Older)
            {
                if (newer.Older == resource)
                    newer.Older = resource.Older;
            }
        }
    }

    private Failures ReleaseResources(Failures failures = default)
    {
        while (true)
        {
            DeviceResource? newest;
            bool first, others;
            using (WordLock.EnterScope(&Shared->Lock))
            {
                newest = _resources;
                first = newest is not null && newest.TryBegin();
                others = newest is not null && !first && !newest.IsBeingReleasedHere;
                if (!others)
                    _resources = newest?.Older;
            }
            if (newest is null)
                return failures;
            try
            {
                if (first)
                    newest.Undo();
                else if (others)
                    newest.WaitForEnd(); // What is older may be in use until then.
            }
            catch (Exception exception)
            {
                PercpuEventSource.Log.CallbackFailed("Release", exception, newest.Name);
                failures.Add(exception);
            }
            if (first)
                newest.End();
        }
    }
}
