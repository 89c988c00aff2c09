namespace Percpu;

/// <summary>What the private words belong to in which references count.</summary>
public enum StripeKind
{
    /// <summary>A word a thread: the fastest get and put; a kill reads a word of every thread.</summary>
    Thread = 0,

    /// <summary>A word a processor, by restartable sequences of Linux: a kill reads a word a processor, however many
    /// threads there are; a get and put costs somewhat more.</summary>
    Cpu = 1,
}
