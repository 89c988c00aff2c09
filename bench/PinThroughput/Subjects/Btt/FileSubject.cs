using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Btt;

/// <summary>A file whose writes go through to the medium, without a promise about sectors in the middle of a write. A stream a thread.</summary>
internal sealed class FileSubject : Subject
{
    private readonly bool _writes;
    private readonly string _path = Sectors.NewPath();
    private readonly List<FileStream> _streams = [];

    internal FileSubject(bool writes)
        : base("file-write-through")
    {
        _writes = writes;
        SectorLoop<Io>.Fill(new Io(Open(FileMode.CreateNew)));
    }

    internal override Loop CreateLoop(int thread) => new SectorLoop<Io>(new Io(Open(FileMode.Open)), thread, _writes);

    protected override void Free()
    {
        _streams.ForEach(stream => stream.Dispose());
        File.Delete(_path);
    }

    private FileStream Open(FileMode mode)
    {
        _streams.Add(new FileStream(_path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.WriteThrough));
        return _streams[^1];
    }

    private readonly struct Io(FileStream stream) : ISectorDisk
    {
        public void Read(long offset, Span<byte> sector)
        {
            stream.Position = offset;
            stream.ReadExactly(sector);
        }

        public void Write(long offset, ReadOnlySpan<byte> sector)
        {
            stream.Position = offset;
            stream.Write(sector);
        }
    }
}
