using System.Collections.Concurrent;

namespace Percpu.Torture.Parts;

/// <summary>The threads of a workload: started together, told to stop, joined, their exceptions turned into findings.</summary>
internal sealed unsafe class Crew(ulong seed, Findings findings)
{
    internal const int Rows = 48;

    private const int Stride = 16; // Two cache lines: neighbours are fetched in pairs.
    private const int StackBytes = 512 << 10, GuestStackBytes = 128 << 10;

    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(30);

    private readonly long[] _inside = GC.AllocateArray<long>(Rows * Stride, pinned: true);
    private Member[] _members = []; // Replaced when somebody joins: callbacks walk it at any time.
    private readonly List<(Thread Thread, Member Member)> _threads = [];
    private readonly List<Thread> _visitors = [];
    private readonly List<Thread> _guests = [];
    private readonly ConcurrentBag<Member> _idleVisitors = [];
    private volatile bool _stopping;

    internal bool Stopping => _stopping || findings.Any;

    internal Member[] Members => Volatile.Read(ref _members);

    /// <summary>How many threads of the crew can have been alive at once.</summary>
    internal int PeakThreads { get; private set; }

    /// <summary>A row of its own for a thread; before the crew starts.</summary>
    internal Member Enlist(string role)
    {
        int row = _members.Length;
        if (row == Rows)
            throw new InvalidOperationException("Too many threads: raise Crew.Rows.");
        Member member;
        fixed (long* inside = &_inside[row * Stride]) // The array is pinned for good.
            member = new Member(row, role, seed, inside);
        Volatile.Write(ref _members, [.. _members, member]);
        return member;
    }

    /// <summary>Starts threads that run a body until <see cref="Stopping"/>.</summary>
    internal void Start(string role, int count, Action<Member> body)
    {
        for (int i = 0; i < count; i++)
        {
            Member member = Enlist(role);
            var thread = new Thread(() => Guard(member, body), StackBytes) { IsBackground = true, Name = role };
            _threads.Add((thread, member));
            PeakThreads++;
            thread.Start();
        }
    }

    /// <summary>Rows for threads that come and go.</summary>
    internal void EnlistVisitors(string role, int count)
    {
        PeakThreads += count;
        for (int i = 0; i < count; i++)
            _idleVisitors.Add(Enlist(role));
    }

    /// <summary>Runs a body on a thread that is born for it; false while as many as were enlisted have not died yet.
    /// For one caller thread.</summary>
    internal bool TryStartVisitor(int most, Action<Member> body)
    {
        _visitors.RemoveAll(static thread => !thread.IsAlive);
        if (_visitors.Count >= most || !_idleVisitors.TryTake(out Member? member))
            return false;
        var thread = new Thread(() => Visit(member, body), StackBytes) { IsBackground = true, Name = "visitor" };
        thread.Start();
        _visitors.Add(thread);
        return true;
    }

    /// <summary>Starts a thread without a row, which may be one of thousands. For one caller thread. False when the system
    /// has no more threads for now.</summary>
    internal bool TryStartGuest(Action body)
    {
        var thread = new Thread(() => GuardGuest(body), GuestStackBytes) { IsBackground = true, Name = "guest" };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
        if (_guests.Count % 256 == 0)
            _guests.RemoveAll(static guest => !guest.IsAlive);
        _guests.Add(thread);
        return true;
    }

    /// <summary>Stops everybody. A thread that does not end is a finding: something waits for ever.</summary>
    internal void Stop()
    {
        _stopping = true;
        long deadline = Environment.TickCount64 + (long)JoinTimeout.TotalMilliseconds;
        foreach ((Thread thread, Member member) in _threads)
        {
            if (!thread.Join((int)Math.Max(1, deadline - Environment.TickCount64)))
                findings.Violation("does not end: it waits for something that does not come", member);
        }
        foreach (Thread thread in _visitors)
        {
            if (!thread.Join((int)Math.Max(1, deadline - Environment.TickCount64)))
                findings.Violation("a visiting thread does not end");
        }
        foreach (Thread thread in _guests)
        {
            if (!thread.Join((int)Math.Max(1, deadline - Environment.TickCount64)))
                findings.Violation("a guest does not end");
        }
    }

    internal long Total(Tallied what) => Members.Sum(member => member.Tally(what));

    internal void CopyInside(Span<long> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = InsideOf(i);
    }

    /// <summary>
    /// Waits a little until some thread is taking references of a place on another processor at this moment. Left to
    /// chance, few kills meet a get.
    /// </summary>
    internal bool AwaitReaderAt(int place, int polls)
    {
        Span<long> last = stackalloc long[Rows];
        int rows = Members.Length;
        CopyInside(last[..rows]);
        for (; polls > 0; polls--)
        {
            for (int i = 0; i < rows; i++)
            {
                long now = InsideOf(i);
                if (now != last[i] && Whereabouts.IsAt(now, place) && Whereabouts.IsAt(last[i], place))
                    return true;
                last[i] = now;
            }
        }
        return false;
    }

    internal long InsideOf(int row) => Volatile.Read(ref _inside[row * Stride]);

    private void Visit(Member member, Action<Member> body)
    {
        Guard(member, body);
        _idleVisitors.Add(member);
    }

    private void GuardGuest(Action body)
    {
        try
        {
            body();
        }
        catch (Exception exception)
        {
            findings.Violation($"a guest threw {exception}");
        }
    }

    private void Guard(Member member, Action<Member> body)
    {
        try
        {
            Member.Current = member;
            body(member);
        }
        catch (OutOfMemoryException exception)
        {
            findings.OutOfMemory(exception, member);
        }
        catch (Exception exception)
        {
            findings.Violation($"threw {exception}", member);
        }
    }
}
