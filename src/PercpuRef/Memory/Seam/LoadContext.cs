using System.Runtime.Loader;

namespace Percpu.Memory;

/// <summary>The load context that this assembly stands in: a plug-in's is collectible, and may be unloaded.</summary>
internal static class LoadContext
{
    /// <summary>Runs an action when the unloading begins; code of the context may still run then. Never in a context that stays.</summary>
    internal static void OnUnloading(Action action)
    {
        if (typeof(LoadContext).Assembly.IsCollectible)
            OnUnloadingCollectible(action);
    }

    /// <summary>Something that runs an action when no code of the context can run any more: keep it in a static field. Null in a
    /// context that stays.</summary>
    internal static object? AtEnd(Action action) =>
        typeof(LoadContext).Assembly.IsCollectible ? new End(action) : null;

    private static void OnUnloadingCollectible(Action action) =>
        AssemblyLoadContext.GetLoadContext(typeof(LoadContext).Assembly)!.Unloading += _ => action();

    /// <summary>Static fields of a context, and so this object, are let go of when nothing of the context is in use: no object, and no
    /// method of it on any stack. What is left then are finalizers of the same collection, which may still pin and unpin.
    /// So the action waits for the next one.</summary>
    private sealed class End(Action action)
    {
        private bool _waited;

        ~End()
        {
            if (_waited)
            {
                action();
                return;
            }
            _waited = true;
            GC.ReRegisterForFinalize(this);
        }
    }
}
