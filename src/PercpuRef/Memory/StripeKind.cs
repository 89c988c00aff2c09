namespace Percpu;

/// <summary>What owns the private words in which references count.</summary>
public enum StripeKind
{
    /// <summary>A thread, which alone writes them: the fastest get and put; a kill reads a word of every thread.</summary>
    Thread = 0,

    /// <summary>A processor: whoever runs on it writes them, in a restartable sequence of Linux. A kill reads a word a
    /// processor, however many threads there are; a get and put costs somewhat more.</summary>
    Cpu = 1,
}
