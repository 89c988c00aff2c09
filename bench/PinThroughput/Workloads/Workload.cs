using Percpu.PinThroughput.Peers;

namespace Percpu.PinThroughput.Workloads;

/// <summary>Something to measure: an operation, and several subjects that do it.</summary>
internal abstract class Workload
{
    private static readonly IReadOnlyDictionary<string, string>[] OnlyDefaults = [new Dictionary<string, string>()];

    internal abstract string Id { get; }

    /// <summary>What one operation is, in a few words.</summary>
    internal abstract string Operation { get; }

    /// <summary>The subject that ratios relate to.</summary>
    internal abstract string Yardstick { get; }

    /// <summary>The subject that <c>--compare</c> relates our own subjects to: one that our changes do not make faster.</summary>
    internal virtual string Floor => Yardstick;

    /// <summary>In the order of the table.</summary>
    internal abstract IReadOnlyList<string> SubjectIds { get; }

    /// <summary>Subjects built on this library; the others are what it is compared with.</summary>
    internal abstract IReadOnlyList<string> OwnIds { get; }

    /// <summary>Peers that run in this process, which <c>--peers</c> adds.</summary>
    internal virtual IReadOnlyList<Peer> DotNetPeers => [];

    /// <summary>Whether <c>--peers</c> adds the programs of <c>bench/NativePeers</c>.</summary>
    internal virtual bool HasNativePeers => false;

    /// <summary>How many rounds it needs, where that is not a question of time; each round may take as long as it needs.</summary>
    internal virtual int? Rounds => null;

    /// <summary>The thread counts that it makes sense with; null where any will do.</summary>
    internal virtual IReadOnlyList<int>? Threads => null;

    /// <summary>The size of the batch where a row does not name one as its parameter; 0 where there are none.</summary>
    internal virtual int DefaultBatch => 0;

    /// <summary>Whether <c>--compare</c> looks at it: not at single events, of which the slowest are a matter of luck.</summary>
    internal virtual bool IsCompared => true;

    /// <summary>Subjects that this machine cannot run, and why.</summary>
    internal virtual IReadOnlyList<(string Subject, string Reason)> NotRun => [];

    /// <summary>Sets of non-default parameters; an empty set stands for the defaults.</summary>
    internal virtual IReadOnlyList<IReadOnlyDictionary<string, string>> Variants => OnlyDefaults;

    /// <summary>Builds the subjects, in the order of <see cref="SubjectIds"/>.</summary>
    internal abstract WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters);
}
