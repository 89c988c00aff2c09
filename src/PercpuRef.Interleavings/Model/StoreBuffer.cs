namespace Percpu.Interleavings.Model;

/// <summary>
/// The stores of one thread that are not in memory yet, and its reads that have not happened yet. They leave through lanes: one lane, first in first out, where the
/// machine keeps stores in order; else one for each word, and a store waits for older ones of other lanes only if it must
/// (<see cref="Entry.After"/>).
/// </summary>
internal sealed unsafe class StoreBuffer
{
    private readonly List<Entry> _entries = [];
    private readonly List<int> _words = [];
    private int _sequence;
    private int _fence;

    internal int Count => _entries.Count;

    internal void Clear()
    {
        _entries.Clear();
        _words.Clear();
        _sequence = _fence = 0;
    }

    /// <summary>No later store overtakes an earlier one across this.</summary>
    internal void KeepOrder() => _fence = _sequence;

    internal void Add(int word, long* address, long value, int step, bool release, int lanes)
    {
        int sequence = _sequence++;
        // A read of the same word happens before, whatever the machine.
        int after = release || Reads(word) ? sequence : _fence;
        _entries.Add(new Entry(word, address, value, step, LaneOf(word, lanes), sequence, after));
    }

    /// <summary>Adds a read that nobody waits for. Only what is released after it waits until it has happened.</summary>
    internal void AddRead(int word, LateRead read, int step, int lanes) =>
        _entries.Add(new Entry(word, null, 0, step, lanes - 1, _sequence++, 0, read));

    /// <summary>Whether anything is still to be read.</summary>
    internal bool HasReads => _entries.Exists(static entry => entry.Read is not null);

    /// <summary>Whether a word is still to be read.</summary>
    internal bool Reads(int word)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Word == word && entry.Read is not null)
                return true;
        }
        return false;
    }

    /// <summary>Whether a store to a word is still on its way.</summary>
    internal bool Stores(int word) => TryForward(word, out _);

    /// <summary>Whether the oldest store of a lane may reach memory now.</summary>
    internal bool CanLeave(int lane)
    {
        int at = OldestOf(lane);
        return at >= 0 && _entries[0].Sequence >= _entries[at].After;
    }

    internal Entry Remove(int lane)
    {
        int at = OldestOf(lane);
        Entry entry = _entries[at];
        _entries.RemoveAt(at);
        return entry;
    }

    /// <summary>The newest store to a word, which its own thread reads before anybody else does.</summary>
    internal bool TryForward(int word, out long value)
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Word == word && _entries[i].Read is null)
            {
                value = _entries[i].Value;
                return true;
            }
        }
        value = 0;
        return false;
    }

    private int OldestOf(int lane)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Lane == lane)
                return i;
        }
        return -1;
    }

    // Words beyond the last lane of stores share it. They then stay in order, which a machine need not do: some executions are
    // missed, none is made up.
    private int LaneOf(int word, int lanes)
    {
        if (lanes == 1)
            return 0;
        int lane = _words.IndexOf(word);
        if (lane < 0)
        {
            lane = _words.Count;
            _words.Add(word);
        }
        return Math.Min(lane, lanes - 2); // The last one is for late reads.
    }

    internal readonly struct Entry(int word, long* address, long value, int step, int lane, int sequence, int after, LateRead? read = null)
    {
        /// <summary>What is read, if this is not a store.</summary>
        internal readonly LateRead? Read = read;
        internal readonly int Word = word;
        internal readonly long* Address = address;
        internal readonly long Value = value;

        /// <summary>The step that put the store here.</summary>
        internal readonly int Step = step;
        internal readonly int Lane = lane;

        /// <summary>The number of the store among those of its thread; those below <see cref="After"/> come before it.</summary>
        internal readonly int Sequence = sequence;
        internal readonly int After = after;
    }
}
