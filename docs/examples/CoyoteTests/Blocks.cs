using Percpu.Buffers;
using Percpu.Testing;

namespace CoyoteTests;

/// <summary>A pool that is disposed of while a block is out.</summary>
public sealed class Blocks(BlockFault fault = BlockFault.None)
{
    private readonly SlabPool _pool = new();

    /// <summary>Runs both sides.</summary>
    public async Task RunAsync()
    {
        SlabRental rental = _pool.RentBlock();
        Task user = Task.Run(() => Use(rental));
        Task owner = Task.Run(async () => await _pool.DisposeAsync());
        await Task.WhenAll(new[] { user, owner });
    }

    private void Use(SlabRental rental)
    {
        Span<byte> bytes = rental.Span;
        bytes[0] = 7;
        if (fault != BlockFault.NotReturned)
            rental.Dispose();
        if (fault == BlockFault.ReadAfterReturn && bytes[0] == PercpuTesting.Poison)
            throw new InvalidOperationException("Read after it was freed.");
    }
}
