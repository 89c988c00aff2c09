namespace Percpu.Unit.Support;

/// <summary>Asks the garbage collector for what it would do sooner or later.</summary>
internal static class Collector
{
    /// <summary>Collects and runs finalizers until a condition holds; bounded.</summary>
    internal static void CollectUntil(Func<bool> condition)
    {
        for (int i = 0; i < 200 && !condition(); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            if (i > 10)
                Thread.Sleep(10);
        }
        Assert.True(condition(), "The collector has not made it true.");
    }

    internal static void CollectTwice()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
