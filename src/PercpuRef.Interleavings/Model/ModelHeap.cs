using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percpu.Interleavings.Model;

/// <summary>
/// The native memory of an execution. Blocks lie at the same addresses in every execution, are never reused within one,
/// and words return to zero in between, so that an execution pays only for the words it touches.
/// </summary>
internal sealed unsafe class ModelHeap
{
    private const long SmallBytes = 256L << 20;
    private const long ReservedBytes = 32L << 30;
    private const long ChunkBytes = 1 << 20;
    private const long CommitBytes = AddressSpace.Granule;
    private static readonly AddressSpaces Spaces = new();

    private const long WordBytes = (long)WordHandles.MaxWords * sizeof(long);
    private readonly AddressSpace _space = Spaces.Take();
    private readonly Dictionary<int, List<long[]>> _arrays = [];
    private readonly Dictionary<int, int> _arraysUsed = [];
    private readonly List<Block> _blocks = [];
    private readonly List<(long Start, long Bytes)> _plain = [];
    private long _nextSmall;
    private long _nextReserved;

    internal ModelHeap() => Clear();

    /// <summary>Words that fields have put here.</summary>
    internal int WordCount { get; private set; }

    private long Words => _space.Start + SmallBytes + ReservedBytes;

    /// <summary>Blocks of <see cref="Allocate"/> that were not freed.</summary>
    internal int Outstanding => _blocks.Count(block => block.Kind == BlockKind.Small && !block.Freed);

    internal void Clear()
    {
        ZeroPlain();
        _blocks.Clear();
        WordCount = 0;
        _arraysUsed.Clear();
        _nextSmall = _space.Start;
        _nextReserved = _space.Start + SmallBytes;
    }

    internal long[] AllocatePinnedWords(int count)
    {
        if (!_arrays.TryGetValue(count, out List<long[]>? arrays))
            _arrays.Add(count, arrays = []);
        ref int used = ref CollectionsMarshal.GetValueRefOrAddDefault(_arraysUsed, count, out _);
        if (used == arrays.Count)
            arrays.Add(GC.AllocateArray<long>(count, pinned: true));
        long[] array = arrays[used++];
        _blocks.Add(new Block(BlockKind.Pinned, (long)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)), count * sizeof(long)));
        return array;
    }

    internal long Allocate(long bytes)
    {
        long address = _nextSmall;
        // At least a line between blocks: an access beyond the end meets no neighbour.
        _nextSmall = Behind(address, (bytes + 127) & ~63L, end: _space.Start + SmallBytes);
        long firstChunk = (address - _space.Start) / ChunkBytes, lastChunk = (_nextSmall - _space.Start) / ChunkBytes;
        for (long chunk = firstChunk; chunk <= lastChunk; chunk++)
            _space.Commit(_space.Start + chunk * ChunkBytes, ChunkBytes);
        NativeMemory.Clear((void*)address, (nuint)bytes);
        _blocks.Add(new Block(BlockKind.Small, address, bytes));
        return address;
    }

    /// <summary>A word for a field.</summary>
    /// <returns>Its index.</returns>
    internal int AddWord(long value, out long* word)
    {
        if (WordCount == WordHandles.MaxWords)
            throw new InsufficientMemoryException($"An execution has at most {WordHandles.MaxWords} words.");
        word = WordAt(WordCount);
        if (((long)word & (CommitBytes - 1)) == 0)
            _space.Commit((long)word, CommitBytes);
        *word = value;
        return WordCount++;
    }

    internal long* WordAt(int index) => (long*)Words + index;

    /// <summary>The index of such a word, or -1.</summary>
    internal int IndexOfWord(long address) => (ulong)(address - Words) < (ulong)WordCount * sizeof(long) ? (int)((address - Words) / sizeof(long)) : -1;

    internal long Reserve(long bytes)
    {
        long address = _nextReserved;
        _nextReserved = Behind(address, (bytes + 0xFFFF) & ~0xFFFFL, end: Words);
        _blocks.Add(new Block(BlockKind.Reserved, address, 0));
        return address;
    }

    /// <summary>Puts memory behind a reserved range, or a part of one, which is then a block of its own.</summary>
    internal bool Commit(long address, long bytes)
    {
        int at = _blocks.FindLastIndex(block => block.Start == address);
        _space.Commit(address, bytes);
        if (at < 0)
            _blocks.Add(new Block(BlockKind.Reserved, address, bytes));
        else
            _blocks[at] = _blocks[at] with { Bytes = bytes };
        return true;
    }

    /// <summary>Marks a block freed. Null if there is no such block or it was freed before.</summary>
    internal Block? Free(long address)
    {
        int at = _blocks.FindLastIndex(block => block.Start == address && !block.Freed);
        if (at < 0)
            return null;
        return _blocks[at] = _blocks[at] with { Freed = true };
    }

    /// <summary>The block around an address, or null.</summary>
    internal Block? Find(long address)
    {
        if (IndexOfWord(address) >= 0)
            return new Block(BlockKind.Word, address & ~7L, sizeof(long));
        for (int i = _blocks.Count - 1; i >= 0; i--)
        {
            if ((ulong)(address - _blocks[i].Start) < (ulong)_blocks[i].Bytes)
                return _blocks[i];
        }
        return null;
    }

    internal int IndexOf(Block block) => _blocks.FindIndex(other => other.Start == block.Start);

    /// <summary>Zeroes a touched word for the next execution.</summary>
    internal static void Zero(long address) => *(long*)address = 0;

    /// <summary>Says that a committed range is written past the model, so that nobody knows which of its words to zero.</summary>
    internal void NotePlain(long address, long bytes) => _plain.Add((address, bytes));

    /// <summary>Gives the addresses to the next heap, without what lies there.</summary>
    internal void Retire()
    {
        _space.Empty();
        Spaces.Return(_space);
    }

    /// <summary>A reserved address with something left there between two executions, where the next one would find it, or null.</summary>
    internal long? FindLeftOver()
    {
        ZeroPlain();
        return _space.FindNonzero(_space.Start + SmallBytes);
    }

    private static long Behind(long address, long bytes, long end) => bytes <= end - address
        ? address + bytes
        : throw new InsufficientMemoryException("The model heap is full.");

    private void ZeroPlain()
    {
        foreach ((long start, long bytes) in _plain)
            NativeMemory.Clear((void*)start, (nuint)bytes);
        _plain.Clear();
    }

    internal enum BlockKind : byte
    {
        Pinned,
        Small,
        Reserved,
        Word,
    }

    internal readonly record struct Block(BlockKind Kind, long Start, long Bytes, bool Freed = false);

    /// <summary>Address spaces are large and live as long as the process: a heap that is done passes its own on.</summary>
    private sealed class AddressSpaces
    {
        private readonly Stack<AddressSpace> _free = [];

        internal AddressSpace Take()
        {
            lock (_free)
                return _free.TryPop(out AddressSpace? space) ? space : new AddressSpace(SmallBytes + ReservedBytes + WordBytes);
        }

        internal void Return(AddressSpace space)
        {
            lock (_free)
                _free.Push(space);
        }
    }
}
