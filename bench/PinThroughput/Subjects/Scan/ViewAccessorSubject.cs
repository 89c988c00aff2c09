using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Scan;

/// <summary>The program of the issue as it stands there.</summary>
internal sealed class ViewAccessorSubject : Subject
{
    private readonly ScanFile _scan;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    internal ViewAccessorSubject(ScanFile scan)
        : base("view-accessor")
    {
        _scan = scan;
        _file = scan.Data.Map();
        _view = _file.CreateViewAccessor();
    }

    internal override Loop CreateLoop(int thread) => new ByteLoop(_view, _scan, thread);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private sealed class ByteLoop(MemoryMappedViewAccessor view, ScanFile scan, int thread) : ScanLoop(scan, thread)
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long CountZeros(long from, long to)
        {
            MemoryMappedViewAccessor local = view;
            long zeros = 0;
            for (long i = from; i < to; i++)
                if (local.ReadByte(i) == 0)
                    zeros++;
            return zeros;
        }
    }
}
