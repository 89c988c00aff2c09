using System.Buffers;
using Percpu.Buffers;

namespace Percpu.Unit.Failures.Shortages;

/// <summary>Native slabs, pools of blocks on them, and handles.</summary>
internal static class SlabProgram
{
    internal static void Run(LastSteps last, string folder)
    {
        using (NativeSlab slab = NativeSlab.Allocate(100_000))
            FileProgram.Shapes(slab);
        SlabPool plain = last.Add(new SlabPool());
        plain.Rent().Dispose();
        last.Check(LastSteps.Do(() => plain.DisposeAsync().AsTask()).Wait(TimeSpan.FromSeconds(30)), "DisposeAsync of an idle pool did not end within 30 s.");
        foreach (bool arrays in new[] { false, true })
            Rent(last, arrays);
        int closed = 0;
        last.CheckAtLast(() => closed == 1, "The handle was not closed once.");
        Handle handle;
        try
        {
            handle = new Handle(() => closed++);
        }
        catch
        {
            closed = 1; // There was none to close.
            throw;
        }
        last.Add(handle);
        using (handle.Use())
            _ = handle.DangerousGetHandle();
        _ = handle.Released;
    }

    private static void Rent(LastSteps last, bool arrays)
    {
        SlabPool pool = last.Add(new SlabPool(new SlabPoolOptions { BlockSize = 64, BlocksPerSlab = 2, PinnedArrays = arrays, MaxIdleBytes = 256 }));
        var rented = new Queue<SlabRental>();
        last.Add(rented, static left =>
        {
            while (left.TryPeek(out SlabRental each))
            {
                if (each.IsRented)
                    each.Dispose();
                left.Dequeue();
            }
        });
        for (int i = 0; i < 10; i++)
        {
            SlabRental block = LastSteps.Do(pool.RentBlock);
            rented.Enqueue(block);
            block.Span[0] = (byte)i;
            _ = block.Memory.Length;
        }
        _ = pool.RetiredBytes;
        using (IMemoryOwner<byte> owner = pool.Rent(10))
        using (owner.Memory.Pin())
            owner.Memory.Span[0] = 1;
        using (IMemoryOwner<byte> large = pool.Rent(60))
            large.Memory.Span[0] = 1;
        Exception? elsewhere = null;
        var thread = new Thread(() =>
        {
            try
            {
                for (int i = 0; i < 5; i++)
                    rented.Dequeue().Dispose();
                pool.RentBlock().Dispose();
            }
            catch (Exception exception)
            {
                elsewhere = exception;
            }
        });
        thread.Start();
        thread.Join();
        last.Check(elsewhere is null, $"On another thread: {elsewhere}");
        LastSteps.Do(pool.RetireSlabs);
        _ = pool.RetiredBytes;
    }

    private sealed class Handle : PercpuHandle
    {
        private readonly Action _close;

        internal Handle(Action close)
            : base(0, ownsHandle: true)
        {
            _close = close;
            SetHandle(7);
        }

        public override bool IsInvalid => DangerousGetHandle() == 0;

        protected override bool ReleaseHandle(nint handle)
        {
            _close();
            return true;
        }
    }
}
