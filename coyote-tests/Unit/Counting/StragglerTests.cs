using Percpu.Unit.Support;

namespace Percpu.Unit.Counting;

/// <summary>Switches of the mode beside every way to take and to put: most interrupt a thread somewhere in an operation, and some
/// between its two looks at the mode. However many do, the count is right in the end.</summary>
public sealed class StragglerTests
{
    private static readonly (string Name, Action<PercpuRef> TakeAndPut)[] Pairs =
    [
        ("Get, Put", each => { each.Get(); each.Put(); }),
        ("TryGet, Put", each => { Assert.True(each.TryGet()); each.Put(); }),
        ("TryGetLive, Put", each => { Assert.True(each.TryGetLive()); each.Put(); }),
        ("GetMany, PutMany", each => { each.GetMany(3); each.PutMany(3); }),
        ("TryGetMany, PutMany", each => { Assert.True(each.TryGetMany(5)); each.PutMany(5); }),
        ("TryGetLiveMany, PutMany", each => { Assert.True(each.TryGetLiveMany(7)); each.PutMany(7); }),
        ("Pin", each => { using PercpuPin pin = each.Pin(); }),
        ("Get, Put with a thread", each => { each.Get(PercpuThread.Current); each.Put(PercpuThread.Current); }),
        ("TryGet, Put with a thread", each => { Assert.True(each.TryGet(PercpuThread.Current)); each.Put(PercpuThread.Current); }),
        ("TryGetLive, Put with a thread", each => { Assert.True(each.TryGetLive(PercpuThread.Current)); each.Put(PercpuThread.Current); }),
        ("Pin with a thread", each => { using PercpuPin pin = each.Pin(PercpuThread.Current); }),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("with a thread")]
    public void I6_I17_however_many_operations_a_switch_overtakes_the_count_is_right(string which)
    {
        foreach ((string name, Action<PercpuRef> takeAndPut) in Pairs.Where(pair => pair.Name.Contains("with", StringComparison.Ordinal) == (which.Length > 0)))
        {
            var reference = new PercpuRef(null, PercpuRefOptions.AllowReinit);
            bool stop = false;
            var worker = new Worker(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    for (int i = 0; i < 100; i++)
                        takeAndPut(reference);
                }
            });
            for (int i = 0; i < 150; i++)
            {
                reference.SwitchToAtomic();
                Thread.SpinWait(20);
                reference.SwitchToPercpu();
                Thread.SpinWait(200);
            }
            Volatile.Write(ref stop, true);
            worker.Join("operations to end beside switches of the mode");
            Assert.True(reference.ApproximateCount == 1, $"{name} has left a count of {reference.ApproximateCount}.");
            reference.Kill();
            Assert.True(reference.IsZero, $"{name} keeps the reference from its release.");
        }
    }
}
