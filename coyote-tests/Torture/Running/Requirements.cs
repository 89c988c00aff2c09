using Percpu.Torture.Faults;
using Percpu.Torture.Parts;
using Percpu.Torture.Workloads;

namespace Percpu.Torture.Running;

/// <summary>Inconclusive unless every fault fired and what the workload is about really happened.</summary>
internal static class Requirements
{
    /// <summary>The faults that a process of this kind can and must make on this host.</summary>
    internal static IEnumerable<Fault> FaultsOf(Stage stage)
    {
        for (Fault fault = 0; fault < Fault.Count; fault++)
        {
            bool belongs = fault switch
            {
                Fault.FullLightFence => stage.Mode == StageMode.FullFence,
                Fault.AllocationFailure => stage.Mode == StageMode.NoMemory,
                _ => true,
            };
            if (belongs && !stage.Faults.NotSupported.ContainsKey(fault))
                yield return fault;
        }
    }

    internal static List<string> Missing(Stage stage, Workload workload)
    {
        var missing = new List<string>();
        foreach (Fault fault in FaultsOf(stage))
        {
            // Preemptions are only counted at the end; with more threads than cores there is no lack of them.
            if (stage.Faults.Fired(fault) == 0 && (fault != Fault.Preemption || stage.Crew.Stopping))
                missing.Add($"fault {Reports.NameOf(fault)} did not fire");
        }
        foreach (Tallied what in workload.Evidence)
        {
            if (stage.Crew.Total(what) == 0)
                missing.Add($"{Reports.NameOf(what)} is 0");
        }
        return missing;
    }
}
