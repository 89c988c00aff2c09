namespace Percpu.Interleavings.Twins;

// Twins of frames and devices.
internal static partial class TwinCatalog
{
    private const string Queue = "src/PercpuRef.Pagemap/Devices/RequestQueue.cs";
    private const string Freezing = "src/PercpuRef.Pagemap/Devices/RequestQueue.Freezing.cs";
    private const string Pmem = "src/PercpuRef.Pagemap/Devices/PmemDriver.cs";
    private const string Direct = "src/PercpuRef.Pagemap/Devices/PmemDisk.cs";
    private const string Mapping = "src/PercpuRef.Pagemap/Devices/PageMapping.cs";
    private const string Resources = "src/PercpuRef.Pagemap/Devices/Device.Resources.cs";
    private const string Resource = "src/PercpuRef.Pagemap/Devices/DeviceResource.cs";
    private const string DeviceState = "src/PercpuRef.Pagemap/Devices/Device.cs";
    private const string Frames = "src/PercpuRef.Pagemap/Frames/FrameMap.cs";

    private static IEnumerable<Twin> Devices =>
    [
        new("unfreeze-without-gate", "Opening a queue wakes those who sleep, and leaves those who are about to.", "sc",
            ["queue-freeze-enter-1"],
            new Edit(Freezing, "Atomic.FetchAdd(&Shared->Gate, 1); Parking.WakeAll(&Shared->Gate);", "Parking.WakeAll(&Shared->Gate);")),
        new("gate-read-after-try", "Who could not enter reads the gate only then.", "sc",
            ["queue-freeze-enter-1"],
            new Edit(Queue, "long seen = Atomic.LoadAcquire(&Shared->Gate); if (TryEnter()) return;",
                "if (TryEnter()) return; long seen = Atomic.LoadAcquire(&Shared->Gate);")),
        new("freeze-without-drain", "A freeze returns while requests are inside.", "sc",
            ["queue-freeze-enter-1"],
            new Edit(Freezing, "public void Freeze() => Wait(StartFreeze(dying: false), Waiter.Uninterruptible, Timeout.InfiniteTimeSpan);", "public void Freeze() => StartFreeze(dying: false);")),
        new("first-unfreeze-opens", "A queue opens when the first of two freezes ends.", "sc",
            ["queue-freezes-nest"],
            new Edit(Freezing, "bool last = Atomic.LoadLocal(&Shared->Depth) == 1;", "bool last = Usage.IsDying;")),
        new("dying-queue-wakes-nobody", "Who waits to enter when a queue is ended waits for ever.", "sc",
            ["queue-dies"],
            new Edit(Queue, "Atomic.FetchAdd(&Shared->Gate, 1); Parking.WakeAll(&Shared->Gate);", "")),
        new("detach-without-drain", "A disk is unmapped under the requests inside.", "sc",
            ["pmem-unbind-io-1"],
            new Edit(Pmem, "queue.WaitDrained($\"Detaching the disk of '{device.Name}'\", device.StallReportAfter);", "")),
        new("direct-access-not-held", "Direct access leaves the queue before it hands out the memory.", "sc",
            ["pmem-unbind-direct-access"],
            new Edit(Direct, "return new DirectMapping(Queue, _medium.Address + at,", "Queue.Exit(); return new DirectMapping(null!, _medium.Address + at,")),
        new("release-without-drain", "A mapping's memory and frames go while its pages are held.", "sc",
            ["memremap-release-lookup-1", "hmm-remove-unbind-1"],
            new Edit(Mapping, "reference.Drain(_device.Name + \": releasing a page mapping\", _device.StallReportAfter);", "")),
        new("section-ready-too-early", "A section is said to be ready before its frames are.", "sc",
            ["frames-first-use"],
            new Edit(Frames, "Atomic.StoreRelease(word, InitialiseSection(section, _populated[index]));", "Atomic.StoreRelease(word, -1); Atomic.StoreRelease(word, InitialiseSection(section, _populated[index]));")),
        new("unbind-outruns-release", "Unbinding goes on to older resources while somebody else is still releasing a newer one.", "sc",
            ["hmm-remove-unbind-0", "hmm-remove-unbind-1"],
            new Edit(Resources, "others = newest is not null && !first && !newest.IsBeingReleasedHere;", "others = newest is null;")),
        new("resource-released-by-both", "A release does not look whether somebody else has begun it.", "sc",
            ["hmm-remove-unbind-0"],
            new Edit(Resource, "if (_releasedBy != 0)", "if (_releasedBy < 0)")),
        new("removed-device-forgets", "What is added to a device while it releases its last resource stays for ever.", "sc",
            ["device-remove-add"],
            new Edit(DeviceState, "if (next == Removed) failures = ReleaseResources(failures);", "if (next == Removed) failures.ThrowIfAny();")),
        .. DeviceMemory,
    ];
}
