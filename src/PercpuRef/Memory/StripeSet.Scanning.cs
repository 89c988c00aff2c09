namespace Percpu.Memory;

// Scans: one place or many over all areas, and the hazard lines.
internal sealed unsafe partial class StripeSet
{
    /// <summary>What is counted at a place, over all areas: an acquire load each. Wraps.</summary>
    internal long Sum(long place)
    {
        long sum = 0;
        foreach (AreaWalk.Bank bank in _counts.Walk())
        {
            for (long word = bank.First(place), end = bank.End(place); word != end; word += StripeLayout.Stride)
                sum += Atomic.LoadAcquire((long*)word);
        }
        return sum;
    }

    /// <summary>How many hazard pointers hold a name, which is the address of a mode word: two acquire loads for each thread, of one
    /// line.</summary>
    internal long CountHazards(long* name)
    {
        long count = 0;
        foreach (AreaWalk.Bank bank in _banks.Walk())
        {
            for (long line = bank.Hazards, end = line + bank.Areas * StripeLayout.LineBytes; line != end; line += StripeLayout.LineBytes)
            {
                count += Atomic.LoadAcquire(Hazard.OfAccess(line)) == (long)name ? 1 : 0;
                count += Atomic.LoadAcquire(Hazard.OfPin(line)) == (long)name ? 1 : 0;
            }
        }
        return count;
    }

    /// <summary>Adds to each sum what is counted at its place. One pass, area by area: there the words of many references lie side
    /// by side.</summary>
    internal void AddCounts(ReadOnlySpan<long> places, Span<long> sums)
    {
        sums = sums[..places.Length];
        foreach (AreaWalk.Bank bank in _counts.Walk())
        {
            for (long area = bank.First(0), end = bank.End(0); area != end; area += StripeLayout.Stride)
            {
                for (int i = 0; i < places.Length; i++)
                    sums[i] += Atomic.LoadAcquire((long*)(area + places[i]));
            }
        }
    }

    /// <summary>Adds one to a sum for each hazard pointer that holds its name. Each is read once, whatever the number of names.</summary>
    /// <param name="names">Ascending.</param>
    /// <param name="named">Which sum has the name of the same position.</param>
    /// <param name="sums">The sums.</param>
    internal void AddHazards(ReadOnlySpan<long> names, ReadOnlySpan<long> named, Span<long> sums) => AddHazards(names, named, sums, take: false);

    /// <summary>The same, and clears them. Only of names whose reference nobody can reach any more.</summary>
    /// <remarks>This is a store into a line of another thread. That thread writes a hazard pointer only to begin a pin where it
    /// is 0, or to end the pin it stands for. It can end no pin of such a name, and over such a name it begins none. Only an access
    /// begins whatever stands there, at any time: hence the compare-exchange.</remarks>
    internal void TakeHazards(ReadOnlySpan<long> names, ReadOnlySpan<long> named, Span<long> sums) => AddHazards(names, named, sums, take: true);

    private void AddHazards(ReadOnlySpan<long> names, ReadOnlySpan<long> named, Span<long> sums, bool take)
    {
        if (names.IsEmpty)
            return;
        foreach (AreaWalk.Bank bank in _banks.Walk())
        {
            for (long line = bank.Hazards, end = line + bank.Areas * StripeLayout.LineBytes; line != end; line += StripeLayout.LineBytes)
            {
                AddHazard(Hazard.OfAccess(line), names, named, sums, take);
                AddHazard(Hazard.OfPin(line), names, named, sums, take);
            }
        }
    }

    /// <summary>Zeroes places of epoch readers in every area. Only where no thread can reach them any more.</summary>
    internal void Clear(ReadOnlySpan<long> places)
    {
        foreach (AreaWalk.Bank bank in _banks.Walk())
        {
            for (long area = bank.First(0), end = bank.End(0); area != end; area += StripeLayout.Stride)
            {
                foreach (long place in places)
                    ClearWord((long*)(area + place));
            }
        }
    }

    /// <summary>Zeroes all words of a run at once, if the operating system can. Only where no thread can reach one of them any more.</summary>
    internal bool TryZeroRun(int run, SlotKind kind)
    {
        using WordLock.Scope held = WordLock.EnterScope(_lock.Pointer); // No bank is added meanwhile.
        return (kind == SlotKind.Readers ? _banks : _counts).TryZeroRun(run);
    }

    private static void AddHazard(long* word, ReadOnlySpan<long> names, ReadOnlySpan<long> named, Span<long> sums, bool take)
    {
        long hazard = Atomic.LoadAcquire(word);
        if (hazard == 0)
            return;
        int at = names.BinarySearch(hazard);
        if (at < 0)
            return;
        sums[(int)named[at]]++;
        if (take)
            Atomic.CompareExchange(word, 0, hazard);
    }
}
