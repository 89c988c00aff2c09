using Percpu.Memory;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Stripes of their own, as a process makes once: areas of threads, and slots beyond the first slab.</summary>
internal static class StripesProgram
{
    internal static void Run(LastSteps last, string folder)
    {
        StripeSet stripes = last.Add(new StripeSet(StripeKind.Thread), static each => each.Release());
        last.Add(stripes, static _ => (PerThread.Area, PerThread.ReaderArea, PerThread.Hazards) = (0, 0, 0)); // The thread has none again.
        var owners = new List<object>();
        for (int i = 0; i <= SlotRun.Slots; i++)
        {
            object owner = new();
            owners.Add(owner);
            stripes.References.Rent(owner, RefBalance.Instance);
        }
        stripes.Domains.Rent(owners, null);
        bool attached = stripes.TryAttachThread();
        last.Check(attached == (PerThread.Hazards != 0), "The thread has an area, or it has none.");
        last.Check(stripes.References.RentedCount == owners.Count, "Slots were lost.");
        stripes.ReferenceLines.Rent(owners, RefBalance.Instance);
        GC.KeepAlive(owners);
    }
}
