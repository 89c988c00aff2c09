using System.Globalization;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Peers;

namespace Percpu.PinThroughput.Subjects.Btt;

/// <summary>PMDK's libpmemblk, in a program of its own: <c>bench/NativePeers/pmemblk.c</c>.</summary>
internal sealed class PmemblkSubject : NativeSubject
{
    private readonly NativeProcess _process;

    internal PmemblkSubject(string program, bool writes)
        : this(Start(program), writes)
    {
    }

    private PmemblkSubject(NativeProcess process, bool writes)
        : base("libpmemblk", process, request: writes ? "write" : "read") => _process = process;

    protected override void Free() => _process.Dispose();

    private static NativeProcess Start(string program) => NativeProcess.Start(
        program, Sectors.NewPath(), Sectors.FileLength.ToString(CultureInfo.InvariantCulture), Sectors.Count.ToString(CultureInfo.InvariantCulture));
}
