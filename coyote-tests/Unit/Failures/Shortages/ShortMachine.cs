using Percpu.Pagemap;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>A space with RAM and one device, which goes in order at the end of a program.</summary>
internal sealed class ShortMachine
{
    internal const ulong PageSize = 4096;
    internal static readonly PfnRange Device = new(new Pfn(1 << 20), 2 * PagemapTable.PagesPerSection);

    internal ShortMachine(LastSteps last)
    {
        Space = last.Add(new PhysicalSpace(38));
        Space.AddRam(new PfnRange(new Pfn(0), 2048));
        Domain = last.Add(new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false }));
        Table = new PagemapTable(Space, Domain);
        Owner = last.Add(new Device(Table, "device"), static device => device.Remove());
    }

    internal PhysicalSpace Space { get; }

    internal EpochDomain Domain { get; }

    internal PagemapTable Table { get; }

    internal Device Owner { get; }
}
