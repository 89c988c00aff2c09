namespace Percpu.Memory;

/// <summary>Small numbers for threads, densely from 0; an ended thread's goes to the next new one. Under its user's lock.</summary>
/// <remarks>Nobody tells when a thread ends, so who wants a number looks at the owners of some, going round: at all of them up to
/// <see cref="Window"/>. So with that many there are never more numbers than threads lived at once, and with more at most one
/// in a thousand more; and a thread's start costs the same with any number of them alive.</remarks>
internal sealed class ThreadIndexes
{
    internal const int Window = 1024;

    private readonly List<ThreadIdentity> _owners = [];
    private int _next;

    internal int Count => _owners.Count;

    internal ThreadIdentity this[int index] => _owners[index];

    /// <summary>The number of a thread that was seen ended, or -1. Once taken, it must be given an owner.</summary>
    internal int FindEnded()
    {
        for (int looks = Math.Min(_owners.Count, Window); looks > 0; looks--)
        {
            int index = _next < _owners.Count ? _next : 0;
            _next = index + 1;
            if (!_owners[index].IsAlive)
                return index;
        }
        return -1;
    }

    internal void GiveToCurrent(int index) => _owners[index] = ThreadIdentity.Current;

    /// <summary>Room for another one, so that <see cref="AddCurrent"/> cannot fail. Throws OutOfMemoryException.</summary>
    internal void EnsureRoom() => _owners.EnsureCapacity(_owners.Count + 1);

    /// <summary>Gives the calling thread the next new number.</summary>
    internal void AddCurrent() => _owners.Add(ThreadIdentity.Current);
}
