extern alias without;

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Percpu.PinThroughput.Measuring;
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
            new MeterPinSubject<ShippedPin>("pin", new ShippedPin(new PercpuRef())),
            new MeterPinSubject<BarePin>("pin-without", new BarePin(new BareRef())),
            new MeterKillSubject<PercpuRef>("kill", static () => new PercpuRef(), static reference => reference.Kill(), static reference => reference.IsZero),
            new MeterKillSubject<BareRef>("kill-without", static () => new BareRef(), static reference => reference.Kill(), static reference => reference.IsZero),
        ]);
}

/// <summary>Pins a reference of the library, or of the same source compiled without its meter and events.</summary>
internal sealed class MeterPinSubject<TPin>(string id, TPin pin) : Subject(id)
    where TPin : struct, IPin
{
    internal override Loop CreateLoop(int thread) => new PinLoop<TPin>(pin);
}

internal readonly struct ShippedPin(PercpuRef reference) : IPin
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake() => reference.TryGetLive();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Drop() => reference.Put();
}

internal readonly struct BarePin(BareRef reference) : IPin
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake() => reference.TryGetLive();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Drop() => reference.Put();
}

/// <summary>Creates batches of references, and times killing them one by one.</summary>
internal sealed class MeterKillSubject<TRef>(string id, Func<TRef> create, Action<TRef> kill, Func<TRef, bool> isZero) : Subject(id)
{
    private const int BatchSize = 1000;

    internal override bool MayAllocate => true;

    internal override Loop CreateLoop(int thread) => new KillLoop(this, create, kill, isZero);

    private sealed class KillLoop(MeterKillSubject<TRef> subject, Func<TRef> create, Action<TRef> kill, Func<TRef, bool> isZero) : Loop
    {
        internal override Tally Run(long duration)
        {
            long begin = Stopwatch.GetTimestamp(), ticks = 0, operations = 0;
            var batch = new TRef[BatchSize];
            do
            {
                for (int i = 0; i < batch.Length; i++)
                    batch[i] = create();
                long start = Stopwatch.GetTimestamp();
                foreach (TRef reference in batch)
                    kill(reference);
                ticks += Stopwatch.GetTimestamp() - start;
                operations += batch.Length;
                subject.Check(Array.TrueForAll(batch, reference => isZero(reference)), "a killed reference was not released.");
            }
            while (Stopwatch.GetTimestamp() - begin < duration);
            return new Tally(operations, ticks, 0);
        }
    }
}
