using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Percpu.Memory;

namespace Percpu;

/// <summary>
/// Who took the references of one <see cref="PercpuRef"/> and has not put them. A put does not say which get it undoes;
/// it is matched with the latest get of the same method on the same thread, else of the same method, else of the same
/// thread, else with the latest of all. So the total is exact, and the call sites are right wherever one method or one
/// thread takes and puts.
/// </summary>
/// <remarks>Nothing here throws into a get or put, which is done or must be done all the same: where there is no memory, the
/// call site is "unknown".</remarks>
internal sealed unsafe class HolderTable
{
    private const string Unknown = "unknown";

    // Beside the references, not in them: a field would cost each of a million, and these few are slow anyway.
    private static readonly ConditionalWeakTable<PercpuRef, HolderTable> Tables = [];
    private static bool s_isUsed;

    private readonly Pinned<long> _lock = new();
    private readonly List<Entry> _entries = [];
    private long _unknown; // Taken, and no memory to say by whom. Under the lock.

    /// <summary>Gives a new reference a table, if its options or the switch <c>Percpu.TrackHolders</c> say so. Before others see it.</summary>
    internal static bool Attach(PercpuRef reference, PercpuRefOptions options)
    {
        if ((options & PercpuRefOptions.TrackHolders) == 0 && !(AppContext.TryGetSwitch("Percpu.TrackHolders", out bool all) && all))
            return false;
        s_isUsed = true; // Seen by whoever is handed the reference.
        Tables.Add(reference, new HolderTable());
        return true;
    }

    /// <summary>The table of a reference, if it has one.</summary>
    internal static HolderTable? Of(PercpuRef reference) => s_isUsed && Tables.TryGetValue(reference, out HolderTable? table) ? table : null;

    internal void Took(long count)
    {
        (string method, string site) = FindCaller();
        var entry = new Entry(method, site, ThreadIdentity.Current.Id, count);
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        try
        {
            _entries.Add(entry);
        }
        catch (OutOfMemoryException)
        {
            _unknown += count;
        }
    }

    internal void Put(long count)
    {
        (string method, _) = FindCaller();
        int thread = ThreadIdentity.Current.Id;
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        while (count > 0 && _entries.Count > 0)
        {
            int index = Match(method, thread);
            Entry entry = _entries[index];
            long matched = Math.Min(count, entry.Count);
            count -= matched;
            if (matched == entry.Count)
                _entries.RemoveAt(index);
            else
                _entries[index] = entry with { Count = entry.Count - matched };
        }
        _unknown = Math.Max(0, _unknown - count);
    }

    /// <summary>By call site, the most references first.</summary>
    internal List<PercpuRefHolder> Report()
    {
        Entry[] entries = Copy();
        return [.. entries.GroupBy(entry => entry.Site)
            .Select(site => new PercpuRefHolder(site.Key, site.Sum(entry => entry.Count)))
            .OrderByDescending(holder => holder.Count)];
    }

    private Entry[] Copy()
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer);
        return _unknown == 0 ? [.. _entries] : [.. _entries, new Entry(Unknown, Unknown, 0, _unknown)];
    }

    private int Match(string method, int thread)
    {
        int best = _entries.Count - 1, bestRank = -1;
        for (int i = _entries.Count - 1; i >= 0 && bestRank < 3; i--)
        {
            int rank = (_entries[i].Method == method ? 2 : 0) + (_entries[i].Thread == thread ? 1 : 0);
            if (rank > bestRank)
                (best, bestRank) = (i, rank);
        }
        return best;
    }

    /// <summary>The first method on the stack that is not this library's.</summary>
    private static (string Method, string Site) FindCaller()
    {
        try
        {
            return WalkToCaller();
        }
        catch (Exception exception)
        {
            Waiter.Postpone(exception); // No memory; or the runtime's reader of symbols met an interrupt in a lock.
            return (Unknown, Unknown);
        }
    }

    private static (string Method, string Site) WalkToCaller()
    {
        foreach (StackFrame frame in new StackTrace(skipFrames: 3, fNeedFileInfo: true).GetFrames())
        {
            // This form also works where the program was compiled ahead of time.
            if (DiagnosticMethodInfo.Create(frame) is not { } method || IsOwn(method.DeclaringTypeName))
                continue;
            string name = $"{method.DeclaringTypeName}.{method.Name}";
            var site = new StringBuilder(name);
            if (frame.GetFileName() is { } file)
                site.Append($" ({Path.GetFileName(file)}:{frame.GetFileLineNumber()})");
            else if (frame.GetILOffset() != StackFrame.OFFSET_UNKNOWN)
                site.Append($" (IL 0x{frame.GetILOffset():x})");
            return (name, site.ToString());
        }
        return (Unknown, Unknown);
    }

    private static bool IsOwn(string? type) =>
        type is not null && (type.StartsWith("Percpu.PercpuRef", StringComparison.Ordinal)
            || type.StartsWith("Percpu.HolderTable", StringComparison.Ordinal)
            || type.StartsWith("Percpu.Buffers.", StringComparison.Ordinal)
            || type.StartsWith("Percpu.Pagemap.", StringComparison.Ordinal));

    private readonly record struct Entry(string Method, string Site, int Thread, long Count);
}
