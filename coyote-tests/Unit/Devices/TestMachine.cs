using System.Diagnostics.Tracing;
using System.Runtime.ExceptionServices;
using Percpu.Pagemap;
using Percpu.Unit.Support;

namespace Percpu.Unit.Devices;

/// <summary>A space, its table and a device for a test; what was mapped is released with it.</summary>
internal sealed class TestMachine : IDisposable
{
    /// <summary>256 GiB unless a test needs more: an emulator pays for each page reserved.</summary>
    internal const int AddressBits = 38;

    internal static readonly PfnRange Ram = new(new Pfn(0), 2048);
    internal static readonly PfnRange Pmem = new(new Pfn(1 << 20), 65536);

    private readonly List<string> _files = [];
    private readonly Thread _test = Thread.CurrentThread;
    private bool _failed;

    internal TestMachine(int addressBits = AddressBits)
    {
        Space = new PhysicalSpace(addressBits);
        Table = new PagemapTable(Space);
        PhysicalRegion ram = Space.AddRam(Ram);
        // A lock that is kept would hold up the next call of a test for ever, and nothing would tell why.
        Assert.All((object[])[ram, Space, Space.Frames, Space.Ram], owner => Assert.True(Hidden.IsUnlocked(owner), $"The lock of the {owner.GetType().Name} is still held."));
        Device = new Device(Table, "test0");
        AppDomain.CurrentDomain.FirstChanceException += NoticeFailure;
    }

    internal PhysicalSpace Space { get; }

    internal PagemapTable Table { get; }

    internal Device Device { get; }

    /// <summary>Whether an assertion of the test has failed: what it left may keep others waiting for ever.</summary>
    internal bool HasFailed => _failed;

    /// <summary>A device range with memory of the process behind it.</summary>
    internal PhysicalRegion AddDevice() => Space.AddDevice(Pmem, "pmem");

    /// <summary>Looks at one page through an address space, on a thread of its own: a lock that is never had, or a fault that is
    /// repeated for ever, is told before a test meets it.</summary>
    internal void CheckAccess() => Worker.RunWaiting("a first access to a page", () =>
    {
        using var memory = new AddressSpace(Table);
        byte[] found = [1];
        Area area = memory.MapAnonymous(1 << Pfn.PageShift), other = memory.MapAnonymous(1 << Pfn.PageShift, address: 1UL << 40);
        memory.Read(area.Start, found);
        Assert.Equal([0], found);
        // Below, on and above each: a search goes to both sides.
        Assert.Equal([null, area, null, other, null], ((ulong[])[0, area.Start, area.End, other.Start, other.End]).Select(memory.FindArea));
        Assert.NotNull(Space.FindRegion(Ram.Start));
        Assert.Null(Space.FindRegion(new Pfn(Space.Capacity)));
    });

    internal string NewFile(long length)
    {
        string path = Path.Combine(Path.GetTempPath(), "percpu-" + Path.GetRandomFileName());
        using (FileStream file = File.Create(path))
            file.SetLength(length);
        _files.Add(path);
        return path;
    }

    /// <summary>Disposes of an address space. After a failure an access may still be going on, for ever: then nobody waits for it.</summary>
    internal void Dispose(AddressSpace space)
    {
        if (_failed)
            _ = new Worker(space.Dispose);
        else
            Worker.RunWaiting("accesses to the address space", space.Dispose);
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.FirstChanceException -= NoticeFailure;
        // A test that failed may have left pins, and nobody will put them: its own message is what must be told.
        if (_failed)
        {
            _ = new Worker(Device.Remove);
        }
        else
        {
            Worker.RunWaiting("pins of the device's pages and I/O of its disk", Device.Remove);
            Space.Dispose();
        }
        foreach (string file in _files)
            File.Delete(file);
    }

    private void NoticeFailure(object? sender, FirstChanceExceptionEventArgs thrown)
    {
        if (thrown.Exception is Xunit.Sdk.XunitException && Thread.CurrentThread == _test)
            _failed = true;
    }

    /// <summary>The warnings of the library while an action runs.</summary>
    internal static List<string> Warnings(Action action)
    {
        using var listener = new Listener();
        action();
        lock (listener.Messages)
            return [.. listener.Messages];
    }

    private sealed class Listener : EventListener
    {
        internal List<string> Messages { get; } = [];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Percpu")
                EnableEvents(eventSource, EventLevel.Warning);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            lock (Messages)
                Messages.Add($"{eventData.Payload?[0]}");
        }
    }
}
