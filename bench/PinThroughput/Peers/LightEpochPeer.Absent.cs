namespace Percpu.PinThroughput.Peers;

/// <summary>Stands for FASTER's <c>LightEpoch</c> where its assembly was not there at the build.</summary>
internal static class LightEpochPeer
{
    private const string Reason = "built without the package Microsoft.FASTER.Core, which the package source did not give.";

    internal static IReadOnlyList<Peer> Pins { get; } = [new("light-epoch", null, Reason)];

    internal static IReadOnlyList<Peer> Sections { get; } = [new("light-epoch", null, Reason), new("light-epoch-refresh", null, Reason)];
}
