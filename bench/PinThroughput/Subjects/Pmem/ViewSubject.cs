using System.IO.MemoryMappedFiles;
using Percpu.PinThroughput.Measuring;
using Percpu.PinThroughput.Subjects.MappedRead;

namespace Percpu.PinThroughput.Subjects.Pmem;

/// <summary>.NET's own safe way over the same file.</summary>
internal sealed class ViewSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    internal ViewSubject(DataFile data)
        : base("view-accessor")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
    }

    internal override Loop CreateLoop(int thread) => new BlockLoop<Reader>(new Reader(_view), thread);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(MemoryMappedViewAccessor view) : IBlockReader
    {
        public void Read(long offset, byte[] block) => view.ReadArray(offset, block, 0, block.Length);
    }
}
