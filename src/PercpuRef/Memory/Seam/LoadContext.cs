using System.Runtime.Loader;

namespace Percpu.Memory;

/// <summary>The load context that this assembly stands in: a plug-in's is collectible, and may be unloaded.</summary>
internal static class LoadContext
{
    /// <summary>Runs an action when the unloading begins; code of the context may still run then. Never in a context that stays.</summary>
    internal static void OnUnloading(Action action)
    {
        AssemblyLoadContext? context = AssemblyLoadContext.GetLoadContext(typeof(LoadContext).Assembly);
        if (context is { IsCollectible: true })
            context.Unloading += _ => action();
    }
}
