using System.Runtime.CompilerServices;
using Percpu.Memory;
using Percpu.Unit.Counting;
using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

/// <summary>The lock of the stripes, which every first get of a thread takes.</summary>
public sealed unsafe class StripeSetLockTests
{
    [Fact]
    public void Every_call_gives_the_lock_back()
    {
        var stripes = new StripeSet(StripeKind.Thread);
        using Stepper ended = new(), alive = new();
        long epochs = 0;
        (string Name, Action Call)[] calls =
        [
            ("TakeRun", () => stripes.TakeRun(SlotKind.Count)),
            ("TakeRun for readers", () => epochs = StripeLayout.BytesOf(stripes.TakeRun(SlotKind.Readers))),
            ("TryAttachThread", () => ended.Do(() => Assert.True(stripes.TryAttachThread()))),
            ("TryAttachThread of a second one", () => alive.Do(() => Assert.True(stripes.TryAttachThread()))),
            ("CheckReader", () => Assert.True(stripes.CheckReader(0, epochs, out _))),
            ("CheckReader of an ended thread", () => { ended.Dispose(); Assert.False(stripes.CheckReader(0, epochs, out _)); }),
            ("TryZeroRun", () => stripes.TryZeroRun(0, SlotKind.Count)),
            ("TryZeroRun for readers", () => stripes.TryZeroRun(1, SlotKind.Readers)),
            ("TryAttachThread in place of an ended one", () => { using var next = new Stepper(); next.Do(() => Assert.True(stripes.TryAttachThread())); }),
        ];
        foreach ((string name, Action call) in calls)
        {
            call();
            Assert.True(Hidden.IsUnlocked(stripes), $"{name} has kept the lock.");
        }
    }
}
