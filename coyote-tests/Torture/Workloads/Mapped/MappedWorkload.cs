using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Mapped;

/// <summary>
/// Mapped files disposed of, swapped and dropped under readers that compare every byte they read. A read of unmapped
/// memory ends the process, which its parent reports.
/// </summary>
internal sealed class MappedWorkload(Stage stage) : Workload(stage)
{
    internal const int Places = 3;

    private readonly MappedPlace?[] _places = new MappedPlace?[Places];

    internal override IReadOnlyList<Tallied> Evidence =>
    [
        Tallied.Pins, Tallied.BytesChecked, Tallied.Swaps, Tallied.FilesCreated, Tallied.FilesDropped, Tallied.AwaitedDisposes,
        Tallied.Refused, Tallied.KillsThatOverlappedGets, Tallied.WonWhileKilling,
    ];

    internal PatternFiles Files { get; } = new(stage.Seed);

    internal MappedPlace Place(int index) => Volatile.Read(ref _places[index])!;

    /// <summary>Puts an open file in a place and returns the one before: what readers find from now on is the new one,
    /// but they may hold the old one still.</summary>
    internal MappedPlace? Exchange(int index, MappedPlace? place) => Interlocked.Exchange(ref _places[index], place);

    internal override void Start()
    {
        var swappers = new MappedSwappers(Stage, this);
        for (int i = 0; i < Places; i++)
            Exchange(i, swappers.Open(i));
        Crew.Start("reader", Stage.Readers, new MappedReaders(Stage, this).Run);
        Crew.Start("swapper", 3, swappers.Run);
    }

    internal override void Finish(Member end)
    {
        for (int i = 0; i < Places; i++)
        {
            MappedPlace place = Exchange(i, null)!;
            place.File.Dispose();
            Check(place.File.Reference.WaitForRelease(TimeSpan.FromSeconds(10)), $"the file of place {i} is not unmapped though nobody holds a pin");
        }
        if (OperatingSystem.IsLinux())
            CheckUnmapped(end);
        Files.Dispose();
    }

    /// <summary>Dropped files are unmapped by their finalizers, which may take a few collections.</summary>
    private void CheckUnmapped(Member end)
    {
        long mapped = 0;
        for (int i = 0; i < 50; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            mapped = Files.MappedBytes();
            if (mapped == 0)
                break;
            Thread.Sleep(20);
        }
        end.Count(Tallied.MappedBytesAtEnd, mapped);
        Check(mapped == 0, $"{mapped} bytes are still mapped");
    }
}
