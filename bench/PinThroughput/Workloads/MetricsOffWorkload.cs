extern alias without;

using Percpu.PinThroughput.Subjects.MetricsOff;
using BareRef = without::Percpu.PercpuRef;

namespace Percpu.PinThroughput.Workloads;

internal sealed class MetricsOffWorkload : Workload
{
    internal override string Id => "metrics-off";

    internal override string Operation => "pin and unpin, or kill, with nobody listening to the meter, and the same source compiled without meter and events";

    internal override string Yardstick => "pin-without";

    internal override IReadOnlyList<string> SubjectIds => ["pin", "pin-without", "kill", "kill-without"];

    internal override IReadOnlyList<string> OwnIds => ["pin", "kill"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) => new(
        [
            new PinSubject<ShippedPin>("pin", new ShippedPin(new PercpuRef())),
            new PinSubject<BarePin>("pin-without", new BarePin(new BareRef())),
            new KillSubject<PercpuRef>("kill", static () => new PercpuRef(), static reference => reference.Kill(), static reference => reference.IsZero),
            new KillSubject<BareRef>("kill-without", static () => new BareRef(), static reference => reference.Kill(), static reference => reference.IsZero),
        ]);
}
