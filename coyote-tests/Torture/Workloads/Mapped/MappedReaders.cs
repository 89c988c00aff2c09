using Percpu.Buffers;
using Percpu.Torture.Parts;

namespace Percpu.Torture.Workloads.Mapped;

/// <summary>Pins, reads, compares, unpins.</summary>
internal sealed class MappedReaders(Stage stage, MappedWorkload workload)
{
    private const int Batch = 256;

    internal void Run(Member member)
    {
        while (!stage.Crew.Stopping)
        {
            int index = member.Random.Below(MappedWorkload.Places);
            if (member.Random.OneIn(8))
                ReadLong(member, index);
            else
                ReadBytes(member, index);
            stage.Faults.Point(member);
        }
    }

    /// <summary>One byte a pin.</summary>
    private void ReadBytes(Member member, int index)
    {
        long pins = 0;
        for (; pins < Batch; pins++)
        {
            MappedPlace place = workload.Place(index);
            member.Begin(index);
            bool pinned = place.File.TryPin(out MappedPin pin);
            member.End();
            if (!pinned)
            {
                member.Count(Tallied.Refused);
                break;
            }
            int at = (int)(member.Random.Next() % PatternFiles.Bytes);
            byte found = pin.ReadOnlySpan[at];
            if (found != place.Pattern[at])
                stage.Findings.Violation($"byte {at} of a pinned file is {found}, not {place.Pattern[at]}", member);
            pin.Dispose();
        }
        member.Count(Tallied.Pins, pins);
        member.Count(Tallied.BytesChecked, pins);
    }

    /// <summary>All bytes, with delays and a second pin while the first is held.</summary>
    private void ReadLong(Member member, int index)
    {
        MappedPlace place = workload.Place(index);
        if (!place.File.TryPin(out MappedPin pin))
        {
            member.Count(Tallied.Refused);
            return;
        }
        Compare(member, pin, place);
        stage.Faults.Hold(member);
        if (place.File.TryPin(out MappedPin second))
        {
            Compare(member, second, place);
            second.Dispose();
            second.Dispose(); // Does nothing.
        }
        else
        {
            member.Count(Tallied.WonWhileKilling); // Disposed of since, and still readable.
        }
        stage.Faults.Hold(member);
        Compare(member, pin, place);
        pin.Dispose();
        member.Count(Tallied.Pins);
    }

    private void Compare(Member member, in MappedPin pin, MappedPlace place)
    {
        if (!pin.ReadOnlySpan.SequenceEqual(place.Pattern))
            stage.Findings.Violation("the bytes of a pinned file are not those of the file", member);
        member.Count(Tallied.BytesChecked, PatternFiles.Bytes);
    }
}
