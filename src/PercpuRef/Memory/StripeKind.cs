namespace Percpu.Memory;

/// <summary>What owns a stripe in which references count. Chosen once a process.</summary>
internal enum StripeKind
{
    /// <summary>A thread: it alone writes its stripes.</summary>
    Thread,

    /// <summary>A processor: whoever runs on it writes its stripes, in a section that starts anew when it is interrupted.</summary>
    Cpu,
}
