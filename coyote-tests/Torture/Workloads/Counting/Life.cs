using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Counting;

/// <summary>A reference, what it protects, and the ghost flag that its release sets. Reinit gives it new memory.</summary>
internal sealed unsafe class Life
{
    private nint _block;
    private int _released;

    internal Life(Cell cell, long number, Action<Life> release, PercpuRefOptions options)
    {
        Cell = cell;
        _block = (nint)Block.Create(number).Address;
        Reference = new PercpuRef(_ => release(this), options | PercpuRefOptions.AllowReinit);
    }

    internal Cell Cell { get; }

    internal PercpuRef Reference { get; }

    internal Block Block => new((long*)Volatile.Read(ref _block));

    /// <summary>Set by the release callback; nobody who holds a reference may see it set.</summary>
    internal bool IsReleased => Volatile.Read(ref _released) != 0;

    /// <summary>False if it was released before: released twice.</summary>
    internal bool TryMarkReleased() => Interlocked.Exchange(ref _released, 1) == 0;

    /// <summary>New memory and a clear flag, before the reference is revived.</summary>
    internal void Renew(long number)
    {
        Volatile.Write(ref _block, (nint)Block.Create(number).Address);
        Volatile.Write(ref _released, 0);
    }
}
