#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>Runs something after garbage collections that have looked at old objects: on the finalizer's thread, again and
/// again, until the assembly is unloaded.</summary>
/// <remarks>An object that nobody refers to is finalized after each collection that looks at it, if it registers anew each
/// time. It grows old like any other, so short collections pass it by.</remarks>
internal sealed class CollectionWatch
{
    private static int s_started;
    private static bool s_unloading;

    private readonly Action _collected;

    private CollectionWatch(Action collected) => _collected = collected;

    ~CollectionWatch()
    {
        if (Volatile.Read(ref s_unloading))
            return;
        GC.ReRegisterForFinalize(this);
        _collected();
    }

    /// <summary>Begins, once. <paramref name="collected"/> never throws: the finalizer's thread has nobody to tell.</summary>
    internal static void Start(Action collected)
    {
        if (Volatile.Read(ref s_started) != 0 || Interlocked.Exchange(ref s_started, 1) != 0)
            return;
        LoadContext.OnUnloading(static () => Volatile.Write(ref s_unloading, true)); // Else it would keep its own type for ever.
        _ = new CollectionWatch(collected);
    }
}
