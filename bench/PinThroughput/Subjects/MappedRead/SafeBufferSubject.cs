using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.MappedRead;

/// <summary>The buffer below the accessor, read directly.</summary>
internal sealed class SafeBufferSubject : Subject
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _window;

    internal SafeBufferSubject(DataFile data, int window)
        : base("safe-buffer")
    {
        _file = data.Map();
        _view = _file.CreateViewAccessor();
        _window = window;
    }

    internal override Loop CreateLoop(int thread) =>
        new ReadLoop<Reader>(new Reader(_view.SafeMemoryMappedViewHandle), thread, _window);

    protected override void Free()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private readonly struct Reader(SafeBuffer buffer) : IByteReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte Read(int position) => buffer.Read<byte>((ulong)position);
    }
}
