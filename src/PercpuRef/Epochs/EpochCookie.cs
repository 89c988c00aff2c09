namespace Percpu;

/// <summary>A grace period that <see cref="EpochDomain.StartGracePeriod"/> began, to be polled with
/// <see cref="EpochDomain.HasElapsed"/>.</summary>
/// <remarks>Kernel: the cookie of <c>start_poll_synchronize_rcu</c>.</remarks>
public readonly record struct EpochCookie
{
    internal EpochCookie(EpochDomain domain, long target)
    {
        Domain = domain;
        Target = target;
    }

    internal EpochDomain? Domain { get; }

    internal long Target { get; }
}
