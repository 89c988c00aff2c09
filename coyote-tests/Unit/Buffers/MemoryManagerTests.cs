using System.Buffers;
using System.IO.MemoryMappedFiles;
using Percpu.Buffers;

namespace Percpu.Unit.Buffers;

public sealed class MemoryManagerTests
{
    [Fact]
    public void I64_memory_keeps_the_region_mapped_while_it_is_owned()
    {
        var slab = NativeSlab.Allocate(100);
        MappedMemoryManager owner = slab.Own(10, 20);
        slab.Dispose();
        Assert.False(slab.Reference.IsZero);
        owner.Memory.Span.Fill(3);
        Assert.Equal(20, owner.Memory.Length);
        ((IDisposable)owner).Dispose();
        Assert.True(slab.Reference.IsZero);
        ((IDisposable)owner).Dispose();
        Assert.Throws<ObjectDisposedException>(() => owner.Memory);
        Assert.Throws<ObjectDisposedException>(() => owner.GetSpan());
        Assert.Throws<ObjectDisposedException>(() => owner.Pin());
    }

    [Fact]
    public unsafe void I64_memory_keeps_the_region_mapped_while_it_is_pinned()
    {
        var slab = NativeSlab.Allocate(100);
        MappedMemoryManager owner = slab.Own(10, 20);
        Memory<byte> memory = owner.Memory[5..];
        MemoryHandle handle = memory.Pin();
        ((IDisposable)owner).Dispose();
        slab.Dispose();
        Assert.False(slab.Reference.IsZero);
        *(byte*)handle.Pointer = 9;
        using (MemoryHandle second = memory.Pin())
            Assert.Equal(9, *(byte*)second.Pointer);
        handle.Dispose();
        Assert.True(slab.Reference.IsZero);
        handle.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { memory.Pin(); });
        Assert.Throws<ObjectDisposedException>(() => { memory.Span.Clear(); });
    }

    [Fact]
    public void I64_memory_of_a_held_pin_can_be_pinned_beyond_it()
    {
        var slab = NativeSlab.Allocate(100);
        HeldPin pin = slab.Hold();
        MemoryHandle handle = pin.Slice(7, 3).Pin();
        pin.Dispose();
        slab.Dispose();
        Assert.False(slab.Reference.IsZero);
        handle.Dispose();
        Assert.True(slab.Reference.IsZero);
    }

    [Fact]
    public void A_region_for_reading_only_gives_no_writable_memory()
    {
        using var scratch = new ScratchFile(16);
        using var file = MappedFile.Open(scratch.Location, new MappedFileOptions { Access = MemoryMappedFileAccess.Read });
        using MappedMemoryManager owner = file.Own(4, 4);
        Assert.Throws<InvalidOperationException>(() => owner.Memory);
        Assert.Equal(4, owner.ReadOnlyMemory.Span[0]);
    }

    [Fact]
    public void Wrong_ranges_are_refused_and_leave_nothing_pinned()
    {
        var slab = NativeSlab.Allocate(100);
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Own(90, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => slab.Own(-1, 1));
        using (MappedMemoryManager holder = slab.Own(0, 100))
            Assert.Throws<ArgumentOutOfRangeException>(() => { holder.Pin(101); });
        slab.Dispose();
        Assert.True(slab.Reference.IsZero);
        Assert.Throws<ObjectDisposedException>(() => slab.Own(0, 1));
    }
}
