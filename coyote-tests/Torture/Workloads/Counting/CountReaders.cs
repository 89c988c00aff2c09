using Percpu.Memory;
using Percpu.Torture.Faults;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Counting;

/// <summary>Threads that take and put references in tight loops, and check what a holder may rely on.</summary>
internal sealed class CountReaders(Stage stage)
{
    private const int Batch = 256;

    internal void Run(Member member, CountWorkload workload)
    {
        while (!stage.Crew.Stopping)
        {
            Cell cell = workload.Pick(member);
            switch (member.Random.Below(8))
            {
                case 0:
                    HoldOne(member, cell, workload);
                    break;
                case 1:
                    ReadDying(member, cell);
                    break;
                case 2:
                    ReadMany(member, cell);
                    break;
                default:
                    ReadInTightLoop(member, cell);
                    break;
            }
            stage.Faults.Point(member);
        }
    }

    /// <summary>What whoever holds a reference may rely on: not released, memory of age 0 or 1 and intact.</summary>
    internal void CheckHeld(Member member, Life life)
    {
        Block block = life.Block;
        long age = block.Age;
        if (age == 0 && CellState.Of(life.Cell.State) is CellState.Killing or CellState.Killed)
            age = 1;
        member.Ages.Add(age);
        if (age > 1 || !block.IsIntact() || life.IsReleased)
            stage.Findings.Violation($"holds cell {life.Cell.Index} but its memory has age {age}, released {life.IsReleased}", member);
    }

    internal void Put(Member member, Life life, long count)
    {
        member.ChangeNet(life.Cell.Index, -count);
        if (count == 1)
            life.Reference.Put();
        else
            life.Reference.PutMany(count);
    }

    /// <summary>
    /// Get, look, put. Nothing here fences: the put of one round and the get of the next lie in one store buffer.
    /// </summary>
    private void ReadInTightLoop(Member member, Cell cell)
    {
        // Some look at once, some a little later: what was released too early is poisoned some 100 nanoseconds after.
        int pause = Math.Max(0, member.Random.Below(16) - 10);
        long gets = 0, won = 0, old = 0;
        for (; gets < Batch; gets++)
        {
            long state = cell.State;
            long killers = cell.Killers; // After the state: whoever comes later changes it before it kills.
            Life life = cell.Life;
            member.Begin(cell.Index);
            bool got = life.Reference.TryGetLive();
            member.End();
            if (!got)
            {
                Refused(member, cell, state, killers);
                break;
            }
            member.ChangeNet(cell.Index, 1);
            if (pause > 0)
                Thread.SpinWait(pause);
            Block block = life.Block;
            if (block.Age != 0 || !block.HasPattern(2 + (int)(gets & 7)) || life.IsReleased)
                CheckHeld(member, life);
            if (CellState.Of(state) != CellState.Live)
                Won(member, cell, state, ref won, ref old);
            Put(member, life, 1);
        }
        member.Count(Tallied.Gets, gets);
        member.Count(Tallied.WonWhileKilling, won);
        member.Ages.Add(0, gets - old);
        member.Ages.Add(1, old);
        if (PercpuStripes.Kind == StripeKind.Thread && PerThread.Area == 0 && gets > 0)
        {
            member.Count(Tallied.GetsWithoutArea, gets);
            stage.Faults.Fire(Fault.AllocationFailure);
        }
    }

    private void Won(Member member, Cell cell, long state, ref long won, ref long old)
    {
        if (CellState.Of(state) == CellState.Killed && cell.State == state)
            stage.Findings.Violation($"TryGetLive of cell {cell.Index} succeeded after its kill had returned", member);
        if (CellState.Of(state) == CellState.Killing)
            won++;
        if (CellState.Of(cell.State) is CellState.Killing or CellState.Killed)
            old++;
    }

    private void Refused(Member member, Cell cell, long state, long killers)
    {
        member.Count(Tallied.Refused);
        long now = cell.State;
        if (CellState.Of(state) == CellState.Killed)
            member.Count(Tallied.FoundKilled);
        else if (CellState.Of(now) == CellState.Killing)
            member.Count(Tallied.LostWhileKilling);
        else if (CellState.Of(state) == CellState.Live && now == state && killers == 0)
            stage.Findings.Violation($"TryGetLive of cell {cell.Index} failed though nobody killed it", member);
    }

    /// <summary>Holds a reference for long: over delays, with more taken and put, perhaps handed to another thread.</summary>
    private void HoldOne(Member member, Cell cell, CountWorkload workload)
    {
        Life life = cell.Life;
        if (!life.Reference.TryGetLive())
        {
            member.Count(Tallied.Refused);
            return;
        }
        member.ChangeNet(cell.Index, 1);
        member.Count(Tallied.Gets);
        CheckHeld(member, life);
        stage.Faults.Hold(member);
        CheckHeld(member, life);
        if (member.Random.OneIn(2))
        {
            // Legal while dying: one is held.
            life.Reference.Get();
            member.ChangeNet(cell.Index, 1);
            life.Reference.GetMany(3);
            member.ChangeNet(cell.Index, 3);
            member.Count(Tallied.NestedGets, 4);
            stage.Faults.Hold(member);
            Put(member, life, 3);
            CheckHeld(member, life);
            if (!workload.TryHandOver(member, life))
                Put(member, life, 1);
        }
        CheckHeld(member, life);
        Put(member, life, 1);
    }

    /// <summary>TryGet, which also takes dying references as long as they are held.</summary>
    private void ReadDying(Member member, Cell cell)
    {
        for (int i = 0; i < Batch / 4; i++)
        {
            Life life = cell.Life;
            if (!life.Reference.TryGet())
            {
                member.Count(Tallied.Refused);
                return;
            }
            member.ChangeNet(cell.Index, 1);
            member.Count(Tallied.Gets);
            CheckHeld(member, life);
            Put(member, life, 1);
        }
    }

    private void ReadMany(Member member, Cell cell)
    {
        for (int i = 0; i < Batch / 4; i++)
        {
            Life life = cell.Life;
            long count = 1 + member.Random.Below(5);
            if (!life.Reference.TryGetLiveMany(count))
            {
                member.Count(Tallied.Refused);
                return;
            }
            member.ChangeNet(cell.Index, count);
            member.Count(Tallied.Gets, count);
            CheckHeld(member, life);
            Put(member, life, 1);
            if (count > 1)
                Put(member, life, count - 1);
        }
    }
}
