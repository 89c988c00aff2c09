using Percpu.Buffers;
using Percpu.Testing;

namespace CoyoteTests;

/// <summary>A slab of native memory that readers pin, and a writer replaces.</summary>
public sealed class SlabCell(SlabFault fault = SlabFault.None)
{
    private readonly MappedCell<NativeSlab> _cell = new(NativeSlab.Allocate(64));

    /// <summary>Reads a byte under a pin of this stack frame.</summary>
    public int Read()
    {
        MappedPin pin = _cell.Pin();
        try
        {
            Span<byte> bytes = pin.Span;
            if (fault is SlabFault.ReadAfterUnpin or SlabFault.WrittenAfterUnpin)
                pin.Dispose();
            if (fault == SlabFault.WrittenAfterUnpin)
                bytes[0] = 1;
            // What was freed stays readable under test, with this value in each byte.
            return bytes[0] != PercpuTesting.Poison ? bytes[0] : throw new InvalidOperationException("Read after it was freed.");
        }
        finally
        {
            pin.Dispose(); // Again, if it is wrong: that does nothing.
        }
    }

    /// <summary>Reads a byte under a pin that outlives an await.</summary>
    public async Task<int> ReadLaterAsync()
    {
        HeldPin held;
        while (!_cell.Current!.TryHold(out held))
        {
            // Replaced meanwhile: there is a new one.
        }
        try
        {
            await Task.Yield();
            return held.Slice(0, 1).Span[0];
        }
        finally
        {
            if (fault != SlabFault.ForgottenHold)
                held.Dispose();
        }
    }

    /// <summary>Replaces the slab, and waits until the old one is freed.</summary>
    public async Task ReplaceAsync()
    {
        NativeSlab old = _cell.Swap(NativeSlab.Allocate(64));
        await old.DisposeAsync();
        PercpuTesting.CheckFreedMemory();
    }
}
