#pragma warning disable RS0030 // The seam.
namespace Percpu.Memory;

/// <summary>Waits a little longer each time, for loops that poll a condition another thread will make true.</summary>
internal struct Backoff
{
    private SpinWait _spinner;

    /// <summary>Spins, then yields, then sleeps a millisecond.</summary>
    internal void Pause() => _spinner.SpinOnce(sleep1Threshold: 20);
}
