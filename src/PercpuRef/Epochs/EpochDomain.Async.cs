namespace Percpu;

// The awaited form of a grace period. Apart from the other parts because unsafe code cannot await.
public sealed partial class EpochDomain
{
    /// <summary>Completes when every read section that was open at the call has been left.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the grace period.</param>
    /// <exception cref="ObjectDisposedException">The domain was disposed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <remarks>Holds no thread while it waits; looks every millisecond. A reader that stays long
    /// is reported as an event. The synchronous part costs a process-wide fence.</remarks>
    public async Task SynchronizeAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        EpochCookie cookie = StartGracePeriod();
        var stall = new StallWatch(_stallMilliseconds);
        while (!Poll(cookie, ref stall))
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
    }
}
