using Percpu.Interleavings;

namespace InterleavingTests;

/// <summary>
/// A work-stealing deque of a fixed size: its owner pushes and pops at the bottom, anybody steals at the top (Chase and Lev 2005; the fences
/// are those of Lê and others 2013). <see cref="Push"/> and <see cref="TryPop"/> are the owner's alone.
/// </summary>
/// <param name="capacity">A power of two.</param>
/// <param name="fenced">Whether a pop is fenced: else it takes what is being stolen.</param>
public sealed class ChaseLevDeque(int capacity, bool fenced = true)
{
    private readonly AtomicLong[] _items = new AtomicLong[capacity];
    private AtomicLong _bottom;
    private AtomicLong _top;

    public void Push(long item)
    {
        long bottom = _bottom.ReadRelaxed();
        _items[bottom & (capacity - 1)].WriteRelaxed(item);
        _bottom.Write(bottom + 1);
    }

    public bool TryPop(out long item)
    {
        long bottom = _bottom.ReadRelaxed() - 1;
        _bottom.WriteRelaxed(bottom);
        if (fenced)
            Fence.Full();
        long top = _top.ReadRelaxed();
        item = 0;
        if (top > bottom)
        {
            _bottom.WriteRelaxed(bottom + 1);
            return false;
        }
        item = _items[bottom & (capacity - 1)].ReadRelaxed();
        if (top < bottom)
            return true;
        bool won = _top.CompareExchange(top + 1, top) == top; // The last one: thieves may want it, too.
        _bottom.WriteRelaxed(bottom + 1);
        return won;
    }

    public bool TrySteal(out long item)
    {
        long top = _top.Read();
        Fence.Full();
        long bottom = _bottom.Read();
        item = 0;
        if (top >= bottom)
            return false;
        item = _items[top & (capacity - 1)].ReadRelaxed();
        return _top.CompareExchange(top + 1, top) == top;
    }
}
