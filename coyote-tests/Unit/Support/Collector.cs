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
            AwaitFinalizers();
            if (i > 10)
                Thread.Sleep(10);
        }
        Assert.True(condition(), "The collector has not made it true.");
    }

    /// <summary>Returns when the finalizers have run of what was collected, and fails if one of them does not end.</summary>
    internal static void AwaitFinalizers() => Worker.RunWaiting("finalizers to end", GC.WaitForPendingFinalizers);

    internal static void CollectTwice()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            AwaitFinalizers();
        }
    }
}
