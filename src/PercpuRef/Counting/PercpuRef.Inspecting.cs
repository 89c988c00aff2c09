using System.Diagnostics;
using System.Text;
using Percpu.Memory;

namespace Percpu;

// Seeing inside: counts and holders for people, never for decisions of a program.
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(PercpuRefDebugView))]
public sealed unsafe partial class PercpuRef
{
    private const int HoldersInMessage = 10;

    /// <summary>How many references are held, the initial one included, as far as can be told while others count: exact
    /// when nobody does.</summary>
    /// <remarks>For people and tests. It may be wrong by what changes during the call, even negative.</remarks>
    public long ApproximateCount
    {
        get
        {
            long sum = CountWord.FromCount(SumStripes());
            long count = CountWord.ToCount(sum + CountWord.Count(Atomic.LoadAcquire(&_words->Central)));
            GC.KeepAlive(this);
            return count;
        }
    }

    /// <summary>Who holds references, the most first. Empty without <see cref="PercpuRefOptions.TrackHolders"/>. The initial
    /// reference is not listed.</summary>
    public IReadOnlyList<PercpuRefHolder> GetHolders() => HolderTable.Of(this)?.Report() ?? [];

    /// <summary>Waits as <see cref="WaitForRelease"/> does, and throws on time-out, with a report of who holds it.</summary>
    /// <param name="timeout">0 to 2^31 - 2 milliseconds, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <exception cref="ReleaseTimeoutException">Time-out. <see cref="ReleaseTimeoutException.Holders"/> and the message say
    /// which call sites hold how many references, if it was created with <see cref="PercpuRefOptions.TrackHolders"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public void WaitForReleaseOrThrow(TimeSpan timeout)
    {
        if (!WaitForRelease(timeout))
            throw new ReleaseTimeoutException(DescribeWait(timeout), GetHolders());
    }

    /// <summary>Mode, state and count.</summary>
    public override string ToString() => $"{DescribeMode()}, {DescribeLife()}, count {ApproximateCount}";

    internal string DescribeMode() => IsPercpu ? "percpu" : "atomic";

    internal string DescribeLife() => IsZero ? "released" : IsDying ? "dying" : "live";

    private string DescribeWait(TimeSpan timeout)
    {
        var text = new StringBuilder($"Not released after {timeout}: ");
        if (!IsDying)
            return text.Append("it is live. Call Kill or Dispose first.").ToString();
        long held = ApproximateCount;
        if (held < 0)
            return text.Append($"the count is {held}, so it will never be: {PutTooMany}").ToString();
        text.Append(held == 1 ? "1 reference is held." : $"{held} references are held.");
        IReadOnlyList<PercpuRefHolder> holders = GetHolders();
        if (HolderTable.Of(this) is null)
            text.Append(" Create it with PercpuRefOptions.TrackHolders, or set the switch Percpu.TrackHolders in runtimeconfig.json, to see by whom.");
        return Append(text, holders).ToString();
    }

    /// <summary>For the end of a sentence that says how many references are held.</summary>
    internal string DescribeHolders() => HolderTable.Of(this) is null
        ? ". Create it with PercpuRefOptions.TrackHolders, or set the switch Percpu.TrackHolders in runtimeconfig.json, to see by whom they are held."
        : Append(new StringBuilder(":"), GetHolders()).ToString();

    private static StringBuilder Append(StringBuilder text, IReadOnlyList<PercpuRefHolder> holders)
    {
        foreach (PercpuRefHolder holder in holders.Take(HoldersInMessage))
            text.Append($"{Environment.NewLine}  {holder}");
        if (holders.Count > HoldersInMessage)
            text.Append($"{Environment.NewLine}  and {holders.Count - HoldersInMessage} more call sites");
        return text;
    }
}
