using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Epochs;

/// <summary>
/// Epoch domains: readers that nest and are stopped inside, writers that publish, unlink and free in every way a domain
/// offers, domains that are disposed of under both, or just dropped.
/// </summary>
internal sealed class EpochWorkload(Stage stage) : Workload(stage)
{
    private const int WorldCount = 4;

    private readonly World[] _worlds = new World[WorldCount];
    private long _blocks;

    internal override IReadOnlyList<Tallied> Evidence =>
    [
        Tallied.Sections, Tallied.NestedSections, Tallied.Retirements, Tallied.Synchronizations, Tallied.Cookies,
        Tallied.CookiesHeldUp, Tallied.Barriers, Tallied.Reclaims, Tallied.DomainsDisposed, Tallied.DomainsDropped,
        Tallied.SectionsRefused, Tallied.ReadersInsideAtUnlink, Tallied.ThreadsStarted,
    ];

    internal override void Start()
    {
        for (int i = 0; i < WorldCount; i++)
        {
            _worlds[i] = new World(i, background: i % 2 == 0);
            _worlds[i].Exchange(CreateBlock());
        }
        var readers = new EpochReaders(Stage, this);
        var writers = new EpochWriters(Stage, this);
        const int visitors = 4;
        Crew.EnlistVisitors("visitor", visitors);
        Crew.Start("reader", Stage.Readers, readers.Run);
        Crew.Start("writer", 3, writers.Run);
        Crew.Start("god", 1, new EpochDomains(Stage, this).Run);
        Crew.Start("usher", 1, member => readers.RunUsher(member, visitors));
    }

    internal World Pick(Member member) => Volatile.Read(ref _worlds[member.Random.Below(WorldCount)]);

    /// <summary>Puts a new world in place of another; for the one thread that does so.</summary>
    internal void Replace(World old, World next) => Volatile.Write(ref _worlds[old.Index], next);

    internal Block CreateBlock() => Block.Create(Interlocked.Increment(ref _blocks));

    /// <summary>What a domain runs after a grace period, and what writers do after their own.</summary>
    internal void Reclaim(World world, Block block)
    {
        long age = block.Age;
        Check(age == 1, $"world {world.Index}: a block of age {age} is reclaimed");
        Stage.Quarantine.Take(block);
        world.CountReclaimed();
    }

    internal override void Finish(Member end)
    {
        foreach (World world in _worlds)
        {
            Stage.Quarantine.Take(world.Exchange(default));
            world.Domain.Dispose();
            Check(world.Retired == world.Reclaimed, $"world {world.Index}: {world.Reclaimed} of {world.Retired} retired blocks are reclaimed after Dispose");
        }
        Stage.Quarantine.Drain();
        Check(Block.Outstanding == 0, $"{Block.Outstanding} native blocks are outstanding");
    }
}
