using System.IO.MemoryMappedFiles;
using Percpu.Buffers;
using Percpu.Unit.Support;

namespace Percpu.Unit.Buffers;

/// <summary>Each argument that is refused is told by its name and value; of several the first that is wrong. Nothing has been done then.</summary>
public sealed class RefusedBufferArgumentsTests
{
    [Fact]
    public void Arguments_of_files()
    {
        using var folder = new TempFolder();
        string none = folder.At("none");
        foreach (string? path in (string?[])[null, ""])
        {
            string given = path!;
            foreach (Action call in (Action[])[() => MappedFile.Open(given), () => MappedFile.OpenRead(given), () => MappedFile.Create(given, 0), () => MappedFile.Create(given, 1)])
                Assert.Equal("path", Assert.ThrowsAny<ArgumentException>(call).ParamName);
        }
        foreach (long length in (long[])[0, -1, long.MinValue])
            Refused.Range("length", length, () => MappedFile.Create(none, length));
        Refused.Range("options.Length", 1L, () => MappedFile.Create(none, 1, new MappedFileOptions { Length = 1 }));
        Refused.Range("options.Length", -1L, () => MappedFile.Create(none, 1, new MappedFileOptions { Length = -1 }));
        Refused.Range("options.Length", -1L, () => MappedFile.Open(none, new MappedFileOptions { Length = -1 }));
        foreach (MemoryMappedFileAccess access in (MemoryMappedFileAccess[])[MemoryMappedFileAccess.Write, MemoryMappedFileAccess.ReadExecute, MemoryMappedFileAccess.ReadWriteExecute, (MemoryMappedFileAccess)(-1)])
        {
            Refused.Wrong("options", () => MappedFile.Open(none, new MappedFileOptions { Access = access }));
            Refused.Wrong("options", () => MappedFile.Create(none, 1, new MappedFileOptions { Access = access }));
        }
        foreach (MemoryMappedFileAccess access in (MemoryMappedFileAccess[])[MemoryMappedFileAccess.Read, MemoryMappedFileAccess.CopyOnWrite])
            Refused.Wrong("options", () => MappedFile.Create(none, 1, new MappedFileOptions { Access = access }));
        Assert.False(File.Exists(none));

        using var scratch = new ScratchFile(100);
        using MappedFile file = MappedFile.Open(scratch.Location);
        foreach (long length in (long[])[100, 99, 0, -1])
            Refused.Range("length", length, () => file.Grow(length));
        using var cell = new MappedCell<MappedFile>(MappedFile.Open(scratch.Location));
        Refused.Range("length", -1L, () => cell.Grow(-1));
        Refused.Null("cell", () => MappedCellExtensions.Grow(null!, -1));
        Assert.Same(cell.Current, cell.Grow(0));
        Assert.Equal(100, new FileInfo(scratch.Location).Length);
        Refused.Range("offset", 101L, () => file.Flush(101, 0));
        Refused.Range("length", 2L, () => file.Flush(99, 2));
    }

    [Fact]
    public void Arguments_of_memory()
    {
        foreach (long length in (long[])[0, -1, long.MinValue])
            Refused.Range("length", length, () => NativeSlab.Allocate(length));
        using NativeSlab slab = NativeSlab.Allocate(64);
        using HeldPin held = slab.Hold();
        (string Name, Action<long, int> Call)[] calls =
        [
            ("View", (offset, length) => slab.View(offset, length)),
            ("a view of a view", (offset, length) => slab.View(0, 64).View(offset, length)),
            ("Own", (offset, length) => slab.Own(offset, length)),
            ("Advise", (offset, length) => slab.Advise((MemoryAdvice)99, offset, length)),
            ("Prefetch", (offset, length) => slab.Prefetch(offset, length)),
            ("ReadBytes", (offset, length) => slab.ReadBytes(offset, new byte[Math.Max(0, length)])),
            ("a held slice", (offset, length) => held.Slice(offset, length)),
            ("a held slice to read", (offset, length) => held.ReadOnlySlice(offset, length)),
            ("a held sequence", (offset, length) => held.Sequence(offset, length)),
            ("held bytes", (offset, length) => held.ReadBytes(offset, new byte[Math.Max(0, length)])),
            ("a pinned slice", (offset, length) => { using MappedPin pin = slab.Pin(); _ = pin.Slice(offset, length).Length; }),
            ("a pinned slice to read", (offset, length) => { using MappedPin pin = slab.Pin(); _ = pin.ReadOnlySlice(offset, length).Length; }),
        ];
        foreach ((string name, Action<long, int> call) in calls)
        {
            foreach ((long offset, int length) in ((long, int)[])[(-1, 0), (65, 0), (long.MinValue, 1), (long.MaxValue, 1)])
                Refused.Range("offset", offset, () => call(offset, length));
            foreach ((long offset, int length) in ((long, int)[])[(0, 65), (64, 1), (60, 5), (1, int.MaxValue)])
            {
                if (length < int.MaxValue || !name.Contains("ytes", StringComparison.Ordinal))
                    Refused.Range("length", (long)length, () => call(offset, length));
            }
        }
        foreach (MemoryAdvice advice in (MemoryAdvice[])[(MemoryAdvice)(-1), (MemoryAdvice)5])
            Refused.Range("advice", advice, () => slab.Advise(advice));
        Refused.Range("offset", 65L, () => slab.OpenWriter(65));
        Refused.Range("offset", -1L, () => slab.OpenWriter(-1));
        Assert.Equal(2, slab.Reference.ApproximateCount);
        using (MappedBufferWriter writer = slab.OpenWriter(64))
        {
            Refused.Range("count", -1, () => writer.Advance(-1));
            Refused.Range("count", 1L, () => writer.Advance(1));
            Refused.Range("sizeHint", -1, () => writer.GetMemory(-1));
            Refused.Range("sizeHint", -1, () => writer.GetSpan(-1));
            writer.Advance(0);
        }
        using MappedStream stream = slab.OpenStream();
        Refused.Range("origin", (SeekOrigin)3, () => stream.Seek(0, (SeekOrigin)3));
        using MappedMemoryManager manager = slab.Own(8, 16);
        foreach (int index in (int[])[-1, 17, int.MinValue])
            Refused.Range("elementIndex", index, () => manager.Pin(index));
        using (manager.Pin(16))
            Assert.Equal(5, slab.Reference.ApproximateCount);
        Assert.Equal(4, slab.Reference.ApproximateCount);
    }

    [Fact]
    public void Arguments_of_cells_and_pools()
    {
        Refused.Null("first", () => new MappedCell<NativeSlab>(null!));
        using var cell = new MappedCell<NativeSlab>(NativeSlab.Allocate(64));
        Refused.Null("expected", () => cell.TrySwap(null!, null!));
        Refused.Null("next", () => cell.TrySwap(cell.Current!, null!));
        Refused.Null("next", () => cell.Swap(null!));
        Refused.Wrong("next", () => cell.TrySwap(cell.Current!, cell.Current!));
        Refused.Wrong("next", () => cell.Swap(cell.Current!));
        Assert.False(cell.Current!.IsDisposed);

        foreach (int size in (int[])[0, -64, 63, 65, 32, int.MinValue])
            Refused.Range("options", size, () => new SlabPool(new SlabPoolOptions { BlockSize = size, BlocksPerSlab = 0 }));
        foreach (int blocks in (int[])[0, -1, 65_537])
            Refused.Range("options", blocks, () => new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = blocks, MaxIdleBytes = 0 }));
        Refused.Range("options", 64L * 100 - 1, () => new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 100, MaxIdleBytes = (64 * 100) - 1 }));
        long most = Array.MaxLength - 64;
        const int large = 1 << 20;
        int fit = (int)(most / large);
        Refused.Range("options", (fit + 1L) * large, () => new SlabPool(new SlabPoolOptions { BlockSize = large, BlocksPerSlab = fit + 1, PinnedArrays = true, MaxIdleBytes = 0 }));
        new SlabPool(new SlabPoolOptions { BlockSize = large, BlocksPerSlab = fit, PinnedArrays = true }).Dispose();
        new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 65_536, MaxIdleBytes = 64L * 65_536 }).Dispose();
        using var pool = new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 1, MaxIdleBytes = 64 });
        foreach (int size in (int[])[-2, 65, int.MinValue, int.MaxValue])
            Refused.Range("minBufferSize", size, () => pool.Rent(size));
        Assert.Equal(0, pool.MappedBytes);
        foreach (int size in (int[])[-1, 0, 64])
        {
            using System.Buffers.IMemoryOwner<byte> owner = pool.Rent(size);
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetMemoryManager<byte, System.Buffers.MemoryManager<byte>>(owner.Memory, out System.Buffers.MemoryManager<byte>? block));
            foreach (int index in (int[])[-1, 65])
                Refused.Range("elementIndex", index, () => block!.Pin(index));
            block!.Pin(64).Dispose();
        }
        var marshaller = default(PercpuHandleMarshaller<PercpuHandle>.ManagedToUnmanagedIn);
        ArgumentNullException? refused = null;
        try
        {
            marshaller.FromManaged(null!);
        }
        catch (ArgumentNullException exception)
        {
            refused = exception;
        }
        Assert.Equal("handle", refused?.ParamName);
    }
}
