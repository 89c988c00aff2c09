using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Percpu.Buffers;

namespace Percpu.Microbenchmarks;

/// <summary>One byte of a mapped file read under a pin of its own.</summary>
[BenchmarkCategory("pin", "mapped")]
public class PinUnpin : ThreadedBenchmark
{
    private const int Length = 1 << 16;

    private MappedFile _file = null!;
    private System.IO.MemoryMappedFiles.MemoryMappedFile _dotnet = null!;
    private System.IO.MemoryMappedFiles.MemoryMappedViewAccessor _view = null!;
    private string _path = "";

    [GlobalSetup]
    public void Setup()
    {
        Open();
        StartOthers(() => Pin());
    }

    [GlobalSetup(Target = nameof(ViewAccessor))]
    public void SetupViewAccessor()
    {
        Open();
        StartOthers(() => ViewAccessor());
    }

    [Benchmark(Baseline = true)]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte Pin()
    {
        using MappedPin pin = _file.Pin();
        return pin.Span[123];
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte TryPin()
    {
        if (!_file.TryPin(out MappedPin pin))
            return 0;
        using (pin)
            return pin.Span[123];
    }

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte ReadByte() => _file.ReadByte(123);

    [Benchmark]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte ViewAccessor() => _view.ReadByte(123);

    [GlobalCleanup]
    public void Cleanup()
    {
        StopOthers();
        _file.Dispose();
        _view.Dispose();
        _dotnet.Dispose();
        File.Delete(_path);
    }

    private void Open()
    {
        _path = Path.GetTempFileName();
        File.WriteAllBytes(_path, new byte[Length]);
        _file = MappedFile.Open(_path);
        _dotnet = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(_path);
        _view = _dotnet.CreateViewAccessor();
    }
}
