using Lucene.Net.Store;
using Percpu.Buffers;

namespace Percpu.Lucene;

/// <summary>Settings of a <see cref="PercpuDirectory"/>.</summary>
public sealed class PercpuDirectoryOptions
{
    /// <summary>Advice for files that are searched (<see cref="IOContext.UsageContext.READ"/>); default <see cref="MemoryAdvice.Random"/>:
    /// nothing is read ahead. <see cref="MemoryAdvice.WillNeed"/> reads each file ahead when it is opened.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An undefined advice.</exception>
    public MemoryAdvice SearchAdvice
    {
        get;
        init => field = Defined(value);
    } = MemoryAdvice.Random;

    /// <summary>Advice for files that are merged or read once; default <see cref="MemoryAdvice.Sequential"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An undefined advice.</exception>
    public MemoryAdvice MergeAdvice
    {
        get;
        init => field = Defined(value);
    } = MemoryAdvice.Sequential;

    internal MemoryAdvice AdviceFor(IOContext context) =>
        context.ReadOnce || context.Context == IOContext.UsageContext.MERGE ? MergeAdvice
        : context.Context == IOContext.UsageContext.READ ? SearchAdvice
        : MemoryAdvice.Normal;

    private static MemoryAdvice Defined(MemoryAdvice value) => value is >= MemoryAdvice.Normal and <= MemoryAdvice.HugePages
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Undefined MemoryAdvice.");
}
