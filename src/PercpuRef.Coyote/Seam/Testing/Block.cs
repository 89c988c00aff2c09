using System.Diagnostics;

namespace Percpu.Testing;

/// <summary>Memory of one iteration. It stays in the address space until nothing of the iteration is left, poisoned once it is freed.</summary>
internal sealed unsafe class Block(long start, long bytes, long[]? array, Action? giveBack)
{
    /// <summary>Every byte of memory that was freed or unmapped, so far as it is poisoned.</summary>
    internal const byte Poison = 0xDB;

    private const long PoisonedBytes = 1 << 20;
    private long[]? _array = array;

    internal long Start { get; } = start;

    internal long End { get; } = start + bytes;

    /// <summary>How much of it can be touched at all; of reserved memory, what was committed.</summary>
    internal long Committed { get; set; } = bytes;

    /// <summary>Who freed it; null while it is in use.</summary>
    internal StackTrace? Freed { get; private set; }

    internal bool Contains(long address) => address >= Start && address < End;

    internal void Free()
    {
        Freed = new StackTrace(skipFrames: 2, fNeedFileInfo: true);
        Memory.Fill(Poison);
    }

    /// <summary>Whether somebody has written to it since it was freed.</summary>
    internal bool WasWrittenAfterwards => Freed is not null && Memory.ContainsAnyExcept(Poison);

    internal void GiveBack()
    {
        _array = null;
        giveBack?.Invoke();
    }

    private Span<byte> Memory => new((void*)Start, (int)Math.Min(Committed, PoisonedBytes));
}
