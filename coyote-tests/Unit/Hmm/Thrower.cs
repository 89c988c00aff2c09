using Percpu.Pagemap;

namespace Percpu.Unit.Hmm;

/// <summary>A driver whose free callback throws.</summary>
internal sealed class Thrower : HmmDevmemOps
{
    protected internal override void Free(HmmDevmem devmem, Page page) => throw new FormatException();

    protected internal override FaultResult Fault(HmmDevmem devmem, Area area, ulong address, Page page, bool write) => FaultResult.Error;
}
