using Percpu.Interleavings.Running;
using Percpu.Memory;

namespace Percpu.Interleavings.Scenarios;

/// <summary>A node in native memory, and the one link through which readers find it. Whoever touches it after it was
/// freed is caught by the heap.</summary>
internal sealed unsafe class LinkedNode
{
    private const long Content = 42;
    private readonly Stage _stage;
    private readonly long* _link;
    private readonly long* _node;

    internal LinkedNode(Stage stage, EpochDomain domain)
    {
        _stage = stage;
        Domain = domain;
        _link = stage.Word("link");
        _node = (long*)NativeBlocks.Allocate(64);
        stage.Execution.Names.Add(((long)_node, "node"));
        Atomic.StoreRelease(_node, Content);
        Atomic.StoreRelease(_link, (long)_node);
    }

    internal EpochDomain Domain { get; }

    /// <summary>Follows the link inside a read section.</summary>
    internal void Read()
    {
        using EpochReader reader = Domain.Enter();
        Follow();
    }

    /// <summary>Follows the link. The caller is inside a read section.</summary>
    internal void Follow()
    {
        long found = Find();
        if (found != 0)
            Use(found);
    }

    internal long Find() => Atomic.LoadAcquire(_link);

    internal void Use(long found) => _stage.Use((long*)found, static value => value == Content, "A reader found rubbish in the node.");

    internal void Unlink() => Atomic.StoreRelease(_link, 0);

    internal void Free() => NativeBlocks.Free(_node);
}
