using Percpu.Interleavings;

namespace Percpu.Unit.Explorer.Words;

/// <summary>What two threads of a litmus test share.</summary>
internal sealed class WordPair
{
    internal AtomicLong X;
    internal AtomicLong Y;
}
