using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>No protection at all: the floor, and a crash as soon as another thread unmaps.</summary>
internal sealed unsafe class RawPointerSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _address;
    private readonly int _window;

    internal RawPointerSubject(DataFile data, int window)
        : base("raw-pointer")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
        _window = window;
        byte* address = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        _address = address + _view.PointerOffset;
    }

    internal override Loop CreateLoop(int thread) => new ReadLoop<Reader>(new Reader(_address), thread, _window);

    protected override void Free()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(byte* address) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => address[position];
    }
}
