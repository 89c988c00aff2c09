using Percpu.Memory;

namespace Percpu;

// The awaited form of a grace period.
public sealed partial class EpochDomain
{
    /// <summary>Completes when every read section that was open at the call has been left.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the grace period.</param>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <remarks>Holds no thread while it waits; looks every millisecond. A reader that stays long
    /// is reported as an event. The synchronous part costs a process-wide fence.</remarks>
    public Task SynchronizeAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        EpochCookie cookie;
        try
        {
            cookie = StartGracePeriod();
        }
        catch (ObjectDisposedException exception)
        {
            return Task.FromException(exception); // As the failure of an awaited call, like every other.
        }
        var stall = new StallWatch(_stallMilliseconds);
        return Awaiting.Until(() => Poll(cookie, ref stall), cancellationToken);
    }
}
