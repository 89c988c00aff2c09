using System.Runtime.CompilerServices;

namespace Percpu.Interleavings.Model;

/// <summary>
/// Small numbers for everything that steps touch. A key is the address of a word, that address plus one for the queue of
/// threads parked on it, or a negative number for what is not memory. Numbers stay the same from one execution to the
/// next; the rest of a word's state is stamped, so that starting anew costs nothing.
/// </summary>
internal sealed class WordTable
{
    private long[] _slots = new long[1024];
    private int[] _numbers = new int[1024];
    private long[] _keys = new long[256];
    private int[] _stamps = new int[256];
    private int[] _changes = new int[256 * (Execution.MaxThreads + 1)];
    private bool[] _freed = new bool[256];
    private int _count;
    private int _stamp;

    internal int Count => _count;

    /// <summary>The numbers touched in this execution.</summary>
    internal List<int> Touched { get; } = [];

    internal static long Key(KeySpace space, int index) => long.MinValue | ((long)space << 32) | (uint)index;

    internal void StartExecution()
    {
        _stamp++;
        Touched.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(long key)
    {
        int mask = _slots.Length - 1;
        int at = (int)((ulong)key * 0x9E3779B97F4A7C15 >> 40) & mask;
        while (_slots[at] != key)
        {
            if (_slots[at] == 0)
                return Add(key);
            at = (at + 1) & mask;
        }
        return _numbers[at];
    }

    internal long KeyOf(int number) => _keys[number];

    internal bool IsTouched(int number) => _stamps[number] == _stamp;

    internal void Touch(int number)
    {
        _stamps[number] = _stamp;
        _changes.AsSpan(number * (Execution.MaxThreads + 1), Execution.MaxThreads + 1).Clear();
        _freed[number] = false;
        Touched.Add(number);
    }

    internal bool IsFreed(int number) => _freed[number];

    internal void MarkFreed(int number) => _freed[number] = true;

    /// <summary>Grows whenever a thread other than this one changes the word.</summary>
    internal int ChangesByOthers(int number, int thread)
    {
        int at = number * (Execution.MaxThreads + 1);
        return _changes[at] - _changes[at + 1 + thread];
    }

    internal void Change(int number, int thread)
    {
        int at = number * (Execution.MaxThreads + 1);
        _changes[at]++;
        _changes[at + 1 + thread]++;
    }

    private int Add(long key)
    {
        if (_count * 2 >= _slots.Length)
            Grow();
        if (_count == _keys.Length)
        {
            int capacity = _count * 2;
            Array.Resize(ref _keys, capacity);
            Array.Resize(ref _stamps, capacity);
            Array.Resize(ref _changes, capacity * (Execution.MaxThreads + 1));
            Array.Resize(ref _freed, capacity);
        }
        _keys[_count] = key;
        _stamps[_count] = 0;
        Insert(key, _count);
        return _count++;
    }

    private void Grow()
    {
        _slots = new long[_slots.Length * 2];
        _numbers = new int[_slots.Length];
        for (int i = 0; i < _count; i++)
            Insert(_keys[i], i);
    }

    private void Insert(long key, int number)
    {
        int mask = _slots.Length - 1;
        int at = (int)((ulong)key * 0x9E3779B97F4A7C15 >> 40) & mask;
        while (_slots[at] != 0)
            at = (at + 1) & mask;
        _slots[at] = key;
        _numbers[at] = number;
    }
}
