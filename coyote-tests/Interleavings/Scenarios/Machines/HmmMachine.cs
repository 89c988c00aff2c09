using Percpu.Interleavings.Running;
using Percpu.Pagemap;

namespace Percpu.Interleavings.Scenarios;

/// <summary>An address space of one page and a device that it can be moved to. The page's first byte tells whose it is.</summary>
internal sealed class HmmMachine
{
    internal const byte Mine = 7, Foreign = 9;

    private readonly byte[] _page = new byte[1 << Pfn.PageShift];

    internal HmmMachine(Stage stage)
    {
        Machine = new Machine(stage);
        Machine.AddRam();
        Hmm = HmmDevice.Add(Machine.Device, 1);
        stage.Named(Hmm.Memory.Reference, "devmem");
        Space = new AddressSpace(Machine.Table);
        Area = Space.MapAnonymous(1 << Pfn.PageShift);
        Space.Write(Area.Start, [Mine]);
        Machine.Space.PfnToPage(Hmm.Memory.FirstPfn);
    }

    internal Machine Machine { get; }

    internal HmmDevice Hmm { get; }

    internal AddressSpace Space { get; }

    internal Area Area { get; }

    internal ulong Address => Area.Start;

    /// <summary>The first byte, as the processor sees it.</summary>
    internal byte Read()
    {
        Span<byte> first = stackalloc byte[1];
        Space.Read(Address, first);
        return first[0];
    }

    /// <summary>Takes a page of the device for something else, if there is one, and fills it.</summary>
    internal Page TakeAndFill()
    {
        Page page = Hmm.TryAllocatePage();
        if (page.IsNull)
            return page;
        _page[0] = Foreign;
        Hmm.CopyIn(page, _page);
        return page;
    }
}
