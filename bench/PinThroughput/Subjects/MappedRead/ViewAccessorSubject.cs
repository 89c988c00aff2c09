using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>.NET's own safe way: a reference count, two range checks and a copy in every call.</summary>
internal sealed class ViewAccessorSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _window;

    internal ViewAccessorSubject(DataFile data, int window)
        : base("view-accessor")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
        _window = window;
    }

    internal override Loop CreateLoop(int thread) => new ReadLoop<Reader>(new Reader(_view), thread, _window);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(MemoryMappedViewAccessor view) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => view.ReadByte(position);
    }
}
