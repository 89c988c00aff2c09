using System.Diagnostics;
using Percpu.Memory;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Counting;

/// <summary>Kills, alone and in crossing batches, two on one reference, disposals; and the evidence that gets were under way.</summary>
internal sealed unsafe class CountKillers(Stage stage, CountWorkload workload)
{
    private const int MaxBatch = 6;

    internal void RunSingle(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            Cell cell = workload.PickAny(member);
            workload.Hot = cell.Index;
            Approach(member, cell);
            if (member.Random.OneIn(12))
                DisposeOne(member, cell);
            else
                KillOne(member, cell);
            stage.Faults.Point(member);
        }
    }

    internal void RunBatch(Member member)
    {
        var lives = new List<Life>();
        while (!stage.Crew.Stopping)
        {
            lives.Clear();
            for (int i = 2 + member.Random.Below(MaxBatch - 1); i > 0; i--)
            {
                Cell cell = workload.Pick(member);
                if (!lives.Exists(life => life.Cell == cell) && cell.EnterKill() is { } life)
                    lives.Add(life);
            }
            if (lives.Count > 0)
            {
                Approach(member, lives[0].Cell);
                KillAll(member, lives);
            }
            stage.Faults.Point(member);
        }
    }

    private void KillAll(Member member, List<Life> lives)
    {
        bool killed = false;
        Span<long> buffer = stackalloc long[Crew.Rows];
        var watch = new KillWatch(stage.Crew, lives[0].Cell.Index, buffer);
        member.IsKilling = true;
        try
        {
            PercpuRef.KillAll(lives.ConvertAll(life => life.Reference).ToArray());
            member.Count(Tallied.KillAlls);
            member.Count(Tallied.Kills, lives.Count);
            killed = true;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            // Somebody was faster with one of them: all of the others are killed, or none. The reviver finds out.
            member.Count(Tallied.KillAllsRefused);
        }
        member.IsKilling = false;
        watch.End(member);
        foreach (Life life in lives)
        {
            if (killed)
                life.Cell.SetKilled(life);
            else
                life.Cell.SetDoubtful(life);
            life.Cell.ExitKill();
            member.Trail.Note(killed ? "batch kill" : "refused batch kill", life.Cell.Index, life.Cell.State);
        }
    }

    private static bool IsRefusal(Exception exception) => exception is InvalidOperationException
        || (exception is AggregateException several && several.InnerExceptions.All(static one => one is InvalidOperationException));

    private void KillOne(Member member, Cell cell)
    {
        if (cell.EnterKill() is not { } life)
            return;
        Span<long> buffer = stackalloc long[Crew.Rows];
        var watch = new KillWatch(stage.Crew, cell.Index, buffer);
        long started = Stopwatch.GetTimestamp();
        member.IsKilling = true;
        try
        {
            if (member.Random.OneIn(4))
            {
                // Strict: no TryGetLive succeeds from the confirmation on. Once said it may be revived, and must not be
                // called killed again when the call returns.
                life.Reference.KillAndConfirm(_ => cell.SetKilled(life));
            }
            else
            {
                life.Reference.Kill();
                cell.SetKilled(life);
            }
            member.Count(Tallied.Kills);
        }
        catch (InvalidOperationException)
        {
            member.Count(Tallied.KillsRefused); // Killed or disposed of before.
        }
        member.IsKilling = false;
        watch.End(member);
        member.CountMax(Tallied.LongestKillMicroseconds, (long)Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        member.Trail.Note("kill", cell.Index, cell.State);
        cell.ExitKill();
    }

    private static void DisposeOne(Member member, Cell cell)
    {
        if (cell.EnterKill() is not { } life)
            return;
        member.IsKilling = true;
        life.Reference.Dispose();
        member.IsKilling = false;
        member.Count(Tallied.Disposes);
        cell.SetKilled(life);
        member.Trail.Note("dispose", cell.Index, cell.State);
        cell.ExitKill();
    }

    /// <summary>
    /// Until a reader is at it on another processor, where there is one; then sometimes with a look at the stripes, which
    /// takes their lines from the readers, whose next adds then wait in the store buffer while the kill comes.
    /// </summary>
    private void Approach(Member member, Cell cell)
    {
        bool beside = stage.Crew.AwaitReaderAt(cell.Index, 400);
        if (beside)
            member.Count(Tallied.KillsBesideRunningReaders);
        if (member.Random.OneIn(2))
            PerProcess.Stripes.Sum(StripeLayout.PlaceOf(cell.Life.Reference.Number));
        Thread.SpinWait(member.Random.Below(beside ? 4 : 200));
    }
}
