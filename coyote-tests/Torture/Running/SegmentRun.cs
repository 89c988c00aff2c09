using System.Diagnostics;
using Percpu.Torture.Faults;
using Percpu.Torture.Parts;
using Percpu.Torture.Workloads;

namespace Percpu.Torture.Running;

/// <summary>One workload in this process, from start to verdict.</summary>
internal static class SegmentRun
{
    private const int LastEvents = 40;

    /// <summary>A segment in which something has not happened yet goes on a little: a busy machine is slow, not wrong.</summary>
    private const double MostSecondsMore = 8;

    /// <summary>Address space beyond what the process uses at the start: not enough for another bank of stripe areas.</summary>
    private const long ScarceBytes = 230 << 20;

    /// <summary>Areas that are left in the only bank.</summary>
    private const int ScarceAreas = 2;

    internal static SegmentReport Run(string name, TortureOptions options)
    {
        try
        {
            return RunWithMemory(name, options);
        }
        catch (OutOfMemoryException exception) // Of what a workload needs to begin.
        {
            return SegmentReport.Starved(name, options.Mode, options.Seed, $"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private static SegmentReport RunWithMemory(string name, TortureOptions options)
    {
        (StageMode mode, double seconds, ulong seed) = (options.Mode, options.Seconds, options.Seed);
        var report = new SegmentReport { Name = name, Mode = Reports.NameOf(mode), Seed = seed };
        var stage = new Stage(seed, seconds, mode);
        if (!TryEnterMode(mode, stage.Faults, report))
            return report;
        report.Stripes = Reports.NameOf(PercpuStripes.Kind);
        if (options.Stripes == "cpu" && PercpuStripes.Kind != StripeKind.Cpu)
        {
            report.NotSupported["stripes per cpu"] = PercpuStripes.Reason;
            report.Verdict = Verdict.NotSupported;
            return report;
        }
        Workload workload = WorkloadCatalog.All.First(entry => entry.Name == name).Create(stage);
        long started = Stopwatch.GetTimestamp();
        using (new FaultDriver(stage.Faults, stage.Findings))
        {
            workload.Start();
            do
            {
                Thread.Sleep(5);
                report.Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            }
            while (!stage.Crew.Stopping && (report.Seconds < seconds
                || (report.Seconds < seconds + MostSecondsMore && Requirements.Missing(stage, workload).Count > 0)));
            if (OperatingSystem.IsLinux())
                stage.Faults.Fire(Fault.Preemption, LinuxThreads.Preemptions());
        }
        stage.Crew.Stop();
        Member end = stage.Crew.Enlist("end");
        Member.Current = end;
        Finish(stage, workload, end);
        Collect(stage, report);
        report.Missing.AddRange(Requirements.Missing(stage, workload));
        if (stage.Findings.Starved is { } starved)
            report.Missing.Add(SegmentReport.Memory(starved));
        report.Conclude();
        return report;
    }

    private static bool TryEnterMode(StageMode mode, FaultDesk faults, SegmentReport report)
    {
        if (mode == StageMode.FullFence)
        {
            if (Memory.Atomic.HasProcessWideFence)
                report.Violations.Add("The switch Percpu.FullLightFence has no effect.");
            faults.Fire(Fault.FullLightFence);
        }
        if (mode == StageMode.NoMemory)
            Crowd.LeaveAreas(ScarceAreas);
        if (mode != StageMode.NoMemory || (OperatingSystem.IsLinux() && LinuxThreads.TryLimitAddressSpace(ScarceBytes)))
            return true;
        report.NotSupported[Reports.NameOf(Fault.AllocationFailure)] = "address space can only be limited on Linux, by setrlimit, and where it is not limited lower already";
        report.Verdict = Verdict.NotSupported;
        return false;
    }

    private static void Finish(Stage stage, Workload workload, Member end)
    {
        // After a violation the books cannot balance: what follows would only hide the first finding.
        if (stage.Findings.Any)
            return;
        try
        {
            workload.Finish(end);
        }
        catch (OutOfMemoryException exception)
        {
            stage.Findings.OutOfMemory(exception, end);
        }
        catch (Exception exception)
        {
            stage.Findings.Violation($"the end of the run threw {exception}", end);
        }
    }

    private static void Collect(Stage stage, SegmentReport report)
    {
        for (Tallied what = 0; what < Tallied.Count; what++)
        {
            long total = what == Tallied.LongestKillMicroseconds
                ? stage.Crew.Members.Max(member => member.Tally(what))
                : stage.Crew.Total(what);
            if (total != 0)
                report.Counters[Reports.NameOf(what)] = total;
        }
        var ages = new long[AgeHistogram.Ages];
        foreach (Member member in stage.Crew.Members)
            member.Ages.AddTo(ages);
        report.AgeHistogram = ages;
        for (int age = 2; age < ages.Length; age++)
        {
            if (ages[age] != 0)
                stage.Findings.Violation($"{ages[age]} objects of age {age} were held");
        }
        foreach ((Fault fault, string why) in stage.Faults.NotSupported)
            report.NotSupported[Reports.NameOf(fault)] = why;
        foreach (Fault fault in Requirements.FaultsOf(stage))
            report.Faults[Reports.NameOf(fault)] = stage.Faults.Fired(fault);
        report.Violations.AddRange(stage.Findings.ToList());
        if (report.Violations.Count > 0)
            report.LastEvents = EventTrail.Merge(stage.Crew.Members, LastEvents);
    }
}
