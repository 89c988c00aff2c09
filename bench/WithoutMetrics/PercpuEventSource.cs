namespace Percpu.Memory;

/// <summary>Nothing, where the library has its events.</summary>
internal sealed class PercpuEventSource
{
    internal static Nothing Log => default;

    internal readonly struct Nothing
    {
        internal void Misuse(string description)
        {
        }

        internal void CallbackFailed(string callback, Exception exception, string? of = null)
        {
        }

        internal void StalledRelease<TState>(string waiter, long references, long milliseconds, TState state, Func<TState, string> describeHolders)
        {
        }

        internal void StripesChosen(string kind, string reason)
        {
        }

        internal void ReferenceDropped(string state, long references)
        {
        }
    }
}
