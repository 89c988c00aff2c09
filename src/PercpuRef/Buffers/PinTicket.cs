using Percpu.Memory;

namespace Percpu.Buffers;

/// <summary>
/// What stands behind a <see cref="HeldPin"/>: an object that is used again and again, with a generation that tells one
/// use from the next. The generation is odd while the ticket is held.
/// </summary>
/// <remarks>A release compare-exchanges the generation it was given with the next one. So of any number of releases of
/// one pin, by copies or threads, exactly one unpins, also when the ticket serves another pin by then.</remarks>
internal sealed unsafe class PinTicket
{
    private const int Batch = 16, MostFree = 256, WordsPerLine = 8;

    private readonly long[] _words; // Keeps the generation's word alive.
    private readonly long* _generation;
    private MappedMemory? _memory;
    private PinTicket? _next;

    private PinTicket(long[] words, int index)
    {
        _words = words;
        _generation = Pinned.Address(words, index * WordsPerLine);
    }

    /// <summary>Reports a pin that was dropped without dispose. Does not unpin: a span may still be in use.</summary>
    ~PinTicket()
    {
        if (_words is not null && (Atomic.LoadAcquire(_generation) & 1) != 0)
            PercpuEventSource.Log.Warning(_memory, static memory => $"A held pin was dropped without dispose, and stays: {memory}");
    }

    /// <summary>A ticket for a memory of which the caller has taken a reference for it.</summary>
    internal static HeldPin Take(MappedMemory memory)
    {
        PinTicket ticket = ThreadTickets.First ?? CreateBatch();
        ThreadTickets.First = ticket._next;
        ThreadTickets.Count--;
        Atomic.ExchangeReference(ref ticket._memory, memory);
        long generation = Atomic.LoadLocal(ticket._generation) + 1;
        Atomic.StoreRelease(ticket._generation, generation);
        return new HeldPin(ticket, generation);
    }

    /// <summary>The memory, while the generation is the current one; else null.</summary>
    internal MappedMemory? MemoryOf(long generation)
    {
        MappedMemory? memory = Atomic.LoadReference(ref _memory);
        return Atomic.LoadAcquire(_generation) == generation ? memory : null;
    }

    /// <summary>Unpins, if no one has done so for this generation.</summary>
    internal void Release(long generation)
    {
        PercpuRef? reference = Atomic.LoadReference(ref _memory)?.Reference;
        // ORDER(ticket-1) compare-exchange of the generation: of all releases of one pin, and of the pins before it, one wins.
        if (Atomic.CompareExchange(_generation, generation + 1, generation) != generation)
            return;
        Atomic.ExchangeReference(ref _memory, null);
        if (ThreadTickets.Count < MostFree)
        {
            _next = ThreadTickets.First;
            ThreadTickets.First = this;
            ThreadTickets.Count++;
        }
        reference!.Put(); // Last: it may run the release callback.
    }

    private static PinTicket CreateBatch()
    {
        long[] words = NativeBlocks.AllocatePinnedWords(Batch * WordsPerLine);
        for (int i = 0; i < Batch; i++)
        {
            var ticket = new PinTicket(words, i) { _next = ThreadTickets.First };
            ThreadTickets.First = ticket;
            ThreadTickets.Count++;
        }
        return ThreadTickets.First!;
    }
}
