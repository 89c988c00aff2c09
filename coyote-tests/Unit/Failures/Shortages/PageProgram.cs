using Percpu.Pagemap;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>A table alone: ranges registered, found and taken away, near and far.</summary>
internal static class PageProgram
{
    internal static void Run(LastSteps last, string folder)
    {
        using var domain = new EpochDomain(new EpochDomainOptions { BackgroundReclaim = false });
        var table = new PagemapTable(domain);
        foreach (ulong section in new ulong[] { 0, 1023, 100_000 })
        {
            var range = new PfnRange(new Pfn(section * PagemapTable.PagesPerSection), 2 * PagemapTable.PagesPerSection);
            PercpuRef reference = last.Add(new PercpuRef());
            DevPagemap? map = null;
            try
            {
                map = LastSteps.Do(() => table.Register(range, reference));
                DevPagemap? found = table.GetDevPagemap(new Pfn(range.Start.Value + 5));
                found = table.GetDevPagemap(new Pfn(range.Start.Value + 6), found);
                PagemapTable.PutDevPagemap(found);
            }
            finally
            {
                reference.Kill();
                if (map is not null)
                    last.Add(map, table.Unregister);
                else
                    last.Check(table.GetDevPagemap(range.Start) is null, "Half a map is registered.");
            }
        }
        domain.Barrier();
    }
}
