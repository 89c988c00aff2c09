using System.Runtime.CompilerServices;
using Percpu.Interleavings.Model;
using Percpu.Memory;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Running;

/// <summary>Names and values of the library's own words.</summary>
internal sealed unsafe class LibraryNames : WordNaming
{
    private static readonly string[] RefFields = ["mode", "central", "bound", "state", "settlers", "limit"];
    private static readonly string[] EpochFields = ["mode", "elapsed", "epoch", "reclaim-lock", "reclaiming-thread", "reclaimer", "shared"];
    private static readonly string[] QueueFields = ["lock", "depth", "dying", "gate"];
    private static readonly string[] FrameFields = ["count", "flags", "owner", "driver-data", "list"];

    [ModuleInitializer]
    internal static void Use() => WordNames.Naming = new LibraryNames();

    internal override string? FieldOf(object thing, long address) => thing switch
    {
        PercpuRef reference => FieldOf((long)ReferenceFields.Words(reference), RefFields, address),
        EpochDomain domain => FieldOf((long)DomainFields.Words(domain), EpochFields, address),
        RequestQueue queue => FieldOf((long)QueueWords(queue).Pointer, QueueFields, address),
        PhysicalSpace space => FrameOf(space, address),
        _ => null,
    };

    internal override string? NameOf(Execution execution, long address)
    {
        StripeSet? stripes = execution.UsedStripes;
        for (int i = 0; i < stripes?.OwnerCount; i++)
        {
            // Past the seam: a look for a name is no step.
            long bank = stripes.BankAddresses[i / PerProcess.BankThreads];
            long area = bank + StripeLayout.PositionOf(i) * StripeLayout.Stride, hazards = bank + StripeLayout.PositionOf(i) * StripeLayout.LineBytes;
            foreach ((object thing, string name) in execution.Names)
            {
                if (PlaceOf(thing) == address - area)
                    return $"{name}.stripe[{stripes.OwnerOf(i).Name}]";
            }
            if (address == hazards + Hazard.AccessOffset)
                return $"access[{stripes.OwnerOf(i).Name}]";
            if (address == hazards + Hazard.PinOffset)
                return $"pin[{stripes.OwnerOf(i).Name}]";
        }
        return null;
    }

    internal override string? ValueOf(string name, long value)
    {
        if (name.EndsWith(".central", StringComparison.Ordinal))
            return Describe(value, "RELEASED", "DEAD");
        if (name.EndsWith(".bound", StringComparison.Ordinal))
            return Describe(value, "unconfirmed", "unknown");
        if (name.EndsWith(".mode", StringComparison.Ordinal))
            return StripeLayout.IsPercpu(value) ? "percpu" : "atomic";
        return null;
    }

    private static string Describe(long word, string lowest, string second)
    {
        string flags = ((word & 2) != 0 ? " " + second : "") + ((word & 1) != 0 ? " " + lowest : "");
        long phase = CountWord.Phase(word) >> 2;
        return CountWord.ToCount(CountWord.Count(word)) + (phase != 0 ? $" phase {phase}" : "") + flags;
    }

    private static string? FieldOf(long line, string[] fields, long address) =>
        (ulong)(address - line) < (ulong)(fields.Length * sizeof(long)) ? fields[(address - line) / sizeof(long)] : null;

    private static string? FrameOf(PhysicalSpace space, long address)
    {
        ulong pfn = (ulong)(address - space.Frames.Base) >> PageFrame.FrameShift;
        return pfn < space.Capacity ? $"frame[{pfn}].{FieldOf((long)space.Frames.Locate(pfn), FrameFields, address)}" : null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_words")]
    private static extern ref readonly Pinned<RequestQueue.Words> QueueWords(RequestQueue queue);

    private static long PlaceOf(object thing) => thing switch
    {
        PercpuRef reference => StripeLayout.PlaceOf(StripeLayout.NumberIn(ReferenceFields.Words(reference)->Mode)),
        EpochDomain domain => DomainFields.Place(domain),
        _ => -1,
    };

    /// <summary>Private fields of the checked source, for names and final checks.</summary>
    internal static class ReferenceFields
    {
        internal static RefWords* Words(PercpuRef reference) => WordsField(reference);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_words")]
        private static extern ref RefWords* WordsField(PercpuRef reference);
    }

    private static class DomainFields
    {
        internal static EpochWords* Words(EpochDomain domain) => WordsField(domain);

        internal static long Place(EpochDomain domain) => PlaceField(domain);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_words")]
        private static extern ref EpochWords* WordsField(EpochDomain domain);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_place")]
        private static extern ref long PlaceField(EpochDomain domain);
    }
}
