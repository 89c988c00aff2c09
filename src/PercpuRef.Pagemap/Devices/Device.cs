using Percpu.Memory;

namespace Percpu.Pagemap;

/// <summary>A device: what a driver binds to. It owns resources that are released in reverse order when the driver is
/// unbound, when binding fails, or when the device is removed.</summary>
/// <remarks>Kernel: <c>struct device</c> with its managed resources (devres). Thread-safety: every member, from any
/// thread; binding, unbinding and removing exclude each other by failing, not by waiting.</remarks>
public sealed unsafe partial class Device
{
    private const long Unbound = 0, Changing = 1, Bound = 2, Removed = 3;

    private readonly Pinned<Words> _words = new();
    private DeviceDriver? _driver;

    /// <summary>Creates a device.</summary>
    /// <param name="table">Where its maps are registered. Must have a <see cref="PagemapTable.Space"/>.</param>
    /// <param name="name">For messages.</param>
    /// <param name="numaNode">The node it is close to; -1 for none. Kernel: <c>dev_to_node</c>; kept, not used.</param>
    /// <exception cref="ArgumentNullException"><paramref name="table"/> is null.</exception>
    /// <exception cref="ArgumentException">The table has no space, or <paramref name="name"/> is null or empty.</exception>
    public Device(PagemapTable table, string name, int numaNode = -1)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Space = table.Space ?? throw new ArgumentException("The table of a device needs a physical space.", nameof(table));
        Table = table;
        Name = name;
        NumaNode = numaNode;
    }

    /// <summary>Where its maps are registered.</summary>
    public PagemapTable Table { get; }

    /// <summary>Where its memory is.</summary>
    public PhysicalSpace Space { get; }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>The node it is close to, or -1.</summary>
    public int NumaNode { get; }

    /// <summary>How long unbinding may wait for whoever holds the device's memory before that is reported as an event, and
    /// again each time the wait has doubled. Positive; default 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public TimeSpan StallReportAfter
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "StallReportAfter must be positive.");
    } = PercpuRef.DefaultStallReportAfter;

    /// <summary>The bound driver, or null.</summary>
    public DeviceDriver? Driver => Atomic.LoadAcquire(&Shared->State) == Bound ? Atomic.LoadReference(ref _driver) : null;

    /// <summary>Whatever the driver keeps for the device. Kernel: <c>dev_get_drvdata</c>, <c>dev_set_drvdata</c>.</summary>
    public object? DriverData
    {
        get => Atomic.LoadReference(ref _driverData);
        set => Atomic.ExchangeReference(ref _driverData, value);
    }

    private object? _driverData;

    /// <summary>Binds a driver: its probe acquires what it needs.</summary>
    /// <param name="driver">The driver.</param>
    /// <exception cref="ArgumentNullException"><paramref name="driver"/> is null.</exception>
    /// <exception cref="DeviceBusyException">A driver is bound, or being bound or unbound (kernel: EBUSY).</exception>
    /// <exception cref="ObjectDisposedException">The device was removed (kernel: ENODEV).</exception>
    /// <exception cref="AggregateException">The probe threw, then a release did: both are inside.</exception>
    /// <remarks>If the probe throws, everything that was acquired is released in reverse order, the exception reaches
    /// the caller, and the device can be bound again. Kernel: <c>device_bind_driver</c>.</remarks>
    public void Bind(DeviceDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        Begin(Unbound, "bound");
        long next = Unbound;
        try
        {
            driver.Probe(this);
            Atomic.ExchangeReference(ref _driver, driver);
            next = Bound;
        }
        catch (Exception exception)
        {
            Atomic.ExchangeReference(ref _driverData, null);
            var failures = default(Failures);
            failures.Add(exception);
            ReleaseResources(failures).ThrowIfAny();
            throw;
        }
        finally
        {
            Atomic.StoreRelease(&Shared->State, next);
        }
    }

    /// <summary>Unbinds the driver and releases every resource, newest first. Waits for whoever holds one, and for a release
    /// that another thread has begun.</summary>
    /// <param name="driver">The driver that is bound; null for whichever.</param>
    /// <exception cref="ArgumentException">Another driver is bound (kernel: ENODEV).</exception>
    /// <exception cref="InvalidOperationException">No driver is bound; or inside a read section, which this would wait for.</exception>
    /// <exception cref="ObjectDisposedException">The device was removed.</exception>
    /// <exception cref="AggregateException">Several releases threw; all have run. One exception is thrown as it is.</exception>
    /// <remarks>An interrupt of the thread is postponed to the end: nothing is unmapped under a holder. A long wait is
    /// reported as an event; see <see cref="StallReportAfter"/>. Kernel: <c>device_release_driver</c>.</remarks>
    public void Unbind(DeviceDriver? driver = null)
    {
        Table.Epoch.CheckMayWait(nameof(Unbind));
        Begin(Bound, "unbound");
        DeviceDriver bound = Atomic.LoadReference(ref _driver)!;
        if (driver is not null && !ReferenceEquals(driver, bound))
        {
            Atomic.StoreRelease(&Shared->State, Bound);
            throw new ArgumentException($"Device '{Name}' is bound to '{bound.Name}', not to '{driver.Name}'.", nameof(driver));
        }
        Release(bound, Unbound);
    }

    /// <summary>Unbinds whatever driver is bound, releases every resource, and ends the device. May be called twice.</summary>
    /// <exception cref="InvalidOperationException">The device is just being bound or unbound, or inside a read section.</exception>
    /// <exception cref="AggregateException">As for <see cref="Unbind"/>.</exception>
    /// <remarks>Waits as <see cref="Unbind"/> does. Kernel: <c>device_del</c>.</remarks>
    public void Remove()
    {
        Table.Epoch.CheckMayWait(nameof(Remove));
        long state = Atomic.LoadAcquire(&Shared->State);
        if (state == Removed)
            return;
        Begin(state, "removed");
        Release(state == Bound ? Atomic.LoadReference(ref _driver) : null, Removed);
    }

    private void Release(DeviceDriver? driver, long next)
    {
        var failures = default(Failures);
        try
        {
            driver?.Remove(this);
        }
        catch (Exception exception)
        {
            failures.Add(exception);
        }
        try
        {
            failures = ReleaseResources(failures);
        }
        finally
        {
            Atomic.ExchangeReference(ref _driver, null);
            Atomic.ExchangeReference(ref _driverData, null);
            Atomic.StoreRelease(&Shared->State, next);
        }
        if (next == Removed)
            failures = ReleaseResources(failures); // What was added before the device said that it is gone.
        failures.ThrowIfAny();
    }

    private void ThrowIfRemoved(long state)
    {
        if (state == Removed)
            throw new ObjectDisposedException(Name, $"Device '{Name}' was removed.");
    }

    private void Begin(long expected, string what)
    {
        long found = expected == Changing ? Changing : Atomic.CompareExchange(&Shared->State, Changing, expected);
        ThrowIfRemoved(found);
        if (found == Unbound && found != expected)
            throw new InvalidOperationException($"Device '{Name}' cannot be {what}: no driver is bound to it.");
        if (found != expected || expected == Changing)
            throw new DeviceBusyException($"Device '{Name}' cannot be {what}: it is {(found == Bound ? "bound" : "being bound or unbound")}.");
    }

    private Words* Shared => _words.Pointer;

    private struct Words
    {
        internal long State;
        internal long Lock;
    }
}
