namespace Percpu.PinThroughput.Subjects.Epoch;

internal static class EpochBalance
{
    /// <summary>A section that was not left would block a grace period for ever.</summary>
    internal static void Check(EpochDomain domain, Action<bool, string> check) =>
        check(domain.SynchronizeAsync().Wait(TimeSpan.FromSeconds(10)), "a read section was not left.");
}
