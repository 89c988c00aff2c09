using System.Runtime.CompilerServices;
using Percpu.Memory;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Model;

/// <summary>Names and values of words for people, from what the scenario has named.</summary>
internal sealed unsafe class WordNames(Execution execution)
{
    private static readonly string[] RefFields = ["word", "central", "bound", "settlers", "switch-lock", "disposed", "limit"];
    private static readonly string[] EpochFields = ["word", "epoch", "elapsed", "reclaim-lock", "reclaiming-thread", "reclaimer"];
    private static readonly string[] QueueFields = ["lock", "depth", "dying", "gate"];
    private static readonly string[] FrameFields = ["count", "flags", "owner", "driver-data", "list"];

    internal string NameOf(int number)
    {
        long key = execution.Words.KeyOf(number);
        if (key >= 0)
            return (key & 1) != 0 ? "sleepers on " + NameOfAddress(key - 1) : NameOfAddress(key);
        if (execution.GhostNames.TryGetValue(key, out string? name))
            return name;
        var space = (KeySpace)((key >> 32) & 0xFF);
        int index = (int)key;
        return space switch
        {
            KeySpace.Life => $"life of {execution.Thread(index).Name}",
            KeySpace.Buffer => $"store buffer of {execution.Thread(index).Name}",
            KeySpace.References => "managed references",
            KeySpace.Interrupts => $"interrupt of {execution.Thread(index).Name}",
            _ => $"{space} {index}".ToLowerInvariant(),
        };
    }

    internal string NameOfAddress(long address)
    {
        foreach ((object thing, string name) in execution.Names)
        {
            if (FieldOf(thing, address) is { } field)
                return field.Length == 0 ? name : $"{name}.{field}";
        }
        if (execution.Heap.Find(address) is not { } block)
            return $"{address:x}";
        long offset = address - block.Start;
        if (block.Kind != ModelHeap.BlockKind.Reserved || block.Owner is null)
            return $"block{execution.Heap.IndexOf(block)}+{offset:x}";
        foreach ((object thing, string name) in execution.Names)
        {
            if (OffsetOf(thing) == offset)
                return $"{name}.stripe[{block.Owner!.Name}]";
        }
        string part = offset switch
        {
            0 => ".next",
            StripeSet.VisitHazard => ".visit",
            StripeSet.PinHazard => ".pin",
            _ => $"+{offset:x}",
        };
        return $"area[{block.Owner!.Name}]{part}";
    }

    /// <summary>A value in the form that its word has.</summary>
    internal string ValueOf(int number, long value)
    {
        string name = NameOf(number);
        if (name.EndsWith(".central", StringComparison.Ordinal))
            return Describe(value, "RELEASED", "DEAD");
        if (name.EndsWith(".bound", StringComparison.Ordinal))
            return Describe(value, "unconfirmed", "unknown");
        if (name.EndsWith(".word", StringComparison.Ordinal))
            return value < 0 ? "atomic" : "percpu";
        return value is > -1000000 and < 1000000 ? $"{value}" : $"0x{value:x}";
    }

    private static string Describe(long word, string lowest, string second)
    {
        string flags = ((word & 2) != 0 ? " " + second : "") + ((word & 1) != 0 ? " " + lowest : "");
        long phase = CountWord.Phase(word) >> 2;
        return CountWord.ToCount(CountWord.Count(word)) + (phase != 0 ? $" phase {phase}" : "") + flags;
    }

    private static string? FieldOf(object thing, long address) => thing switch
    {
        PercpuRef reference => FieldOf((long)ReferenceFields.Words(reference), RefFields, address),
        EpochDomain domain => FieldOf((long)DomainFields.Words(domain), EpochFields, address),
        RequestQueue queue => FieldOf((long)Pinned.Address(QueueWords(queue), 0), QueueFields, address),
        PhysicalSpace space => FrameOf(space, address),
        long word => word == address ? "" : null,
        _ => null,
    };

    private static string? FieldOf(long line, string[] fields, long address) =>
        (ulong)(address - line) < (ulong)(fields.Length * sizeof(long)) ? fields[(address - line) / sizeof(long)] : null;

    private static string? FrameOf(PhysicalSpace space, long address)
    {
        ulong pfn = (ulong)(address - space.Frames.Base) >> PageFrame.FrameShift;
        return pfn < space.Capacity ? $"frame[{pfn}].{FieldOf((long)space.Frames.Locate(pfn), FrameFields, address)}" : null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_words")]
    private static extern ref readonly long[] QueueWords(RequestQueue queue);

    private static long OffsetOf(object thing) => thing switch
    {
        PercpuRef reference => ReferenceFields.Offset(reference),
        EpochDomain domain => DomainFields.Offset(domain),
        _ => -1,
    };

    /// <summary>Private fields of the checked source, for names and final checks.</summary>
    internal static class ReferenceFields
    {
        internal static RefWords* Words(PercpuRef reference) => WordsField(reference);

        internal static long Offset(PercpuRef reference) => OffsetField(reference);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_words")]
        private static extern ref RefWords* WordsField(PercpuRef reference);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_offset")]
        private static extern ref long OffsetField(PercpuRef reference);
    }

    private static class DomainFields
    {
        internal static EpochWords* Words(EpochDomain domain) => WordsField(domain);

        internal static long Offset(EpochDomain domain) => OffsetField(domain);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_words")]
        private static extern ref EpochWords* WordsField(EpochDomain domain);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_offset")]
        private static extern ref long OffsetField(EpochDomain domain);
    }
}
