using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Percpu.PinThroughput.Subjects.Memory;

/// <summary>The child process of <c>memory</c>: creates references, lets threads count on each, and prints what that took.
/// Answers "BYTES_PER_REFERENCE NANOSECONDS_PER_CREATION".</summary>
internal static class MemoryProbe
{
    internal const string Argument = "--memory-probe";

    internal static int Run(string[] arguments)
    {
        int count = int.Parse(arguments[1], CultureInfo.InvariantCulture), threads = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        (Func<object> create, Action<object> use) = Kinds.Of(arguments[0]);
        use(create());
        var all = new object[count];
        Array.Fill(all, arguments); // Touched: the array is not what is measured.
        using var ready = new CountdownEvent(threads);
        using var done = new CountdownEvent(threads);
        using var go = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        for (int i = 0; i < threads; i++)
        {
            new Thread(() =>
            {
                use(create()); // What a thread takes once.
                ready.Signal();
                go.Wait();
                foreach (object each in all)
                    use(each);
                done.Signal();
                end.Wait(); // An ended thread's stripes would go to the next.
            }) { IsBackground = true }.Start();
        }
        ready.Wait();
        long before = ResidentBytes();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < all.Length; i++)
            all[i] = create();
        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        go.Set();
        done.Wait();
        double bytes = (double)(ResidentBytes() - before) / count;
        GC.KeepAlive(all);
        end.Set();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes:F2} {nanoseconds:F2}"));
        return ExitCode.Success;
    }

    /// <summary>The process's own memory in RAM, after the collector has given back what it does not need.</summary>
    private static long ResidentBytes()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        const string file = "/proc/self/status", key = "RssAnon:";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(each => each.StartsWith(key, StringComparison.Ordinal)) : null;
        return line is null
            ? Environment.WorkingSet
            : long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }

    private static class Kinds
    {
        internal static (Func<object> Create, Action<object> Use) Of(string id) => id switch
        {
            "percpu-ref" => (static () => new PercpuRef(), static each =>
            {
                var reference = (PercpuRef)each;
                if (reference.TryGetLive())
                    reference.Put();
            }),
            "safe-handle" => (static () => new SafeFileHandle(1, ownsHandle: false), static each =>
            {
                bool taken = false;
                ((SafeFileHandle)each).DangerousAddRef(ref taken);
                ((SafeFileHandle)each).DangerousRelease();
            }),
            "rwlock-slim" => (static () => new ReaderWriterLockSlim(), static each =>
            {
                ((ReaderWriterLockSlim)each).EnterReadLock();
                ((ReaderWriterLockSlim)each).ExitReadLock();
            }),
            "interlocked" => (static () => new Counter(), static each =>
            {
                Interlocked.Increment(ref ((Counter)each).Count);
                Interlocked.Decrement(ref ((Counter)each).Count);
            }),
            _ => throw new ArgumentException($"There is no subject '{id}'."),
        };
    }

    private sealed class Counter
    {
        internal long Count = 1;
    }
}
