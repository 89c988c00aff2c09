using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Percpu.PinThroughput.Subjects.Memory;

/// <summary>The child process of <c>memory</c>: creates references, lets threads count on each, and prints a
/// <see cref="MemoryAnswer"/>.</summary>
internal static class MemoryProbe
{
    internal const string Argument = "--memory-probe";

    internal static int Run(string[] arguments)
    {
        int count = int.Parse(arguments[1], CultureInfo.InvariantCulture), threads = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        (Func<object> create, Action<object> use) = Kinds.Of(arguments[0]);
        (Func<object> _, Action<object> dummy) = Kinds.Of("interlocked");
        object first = create();
        use(first);
        var counter = new Counter();
        var all = new object[count];
        Array.Fill(all, counter); // Touched: the array is not what is measured.
        using var crew = new SteppedThreads(threads);
        try
        {
            crew.Start();
        }
        catch (NotAvailableException exception)
        {
            Console.WriteLine(exception.Message);
            return ExitCode.NotSupported;
        }
        crew.Step(() => UseAll(all, dummy)); // What a loop of this kind takes of a stack is not what is measured either.
        Footprint idle = Footprint.Take();
        crew.Step(() => use(first)); // What a thread takes once.
        Footprint before = Footprint.Take();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < all.Length; i++)
            all[i] = create();
        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        Footprint created = Footprint.Take();
        crew.Step(() => UseAll(all, use));
        Footprint used = Footprint.Take();
        GC.KeepAlive(first);
        GC.KeepAlive(all);
        new MemoryAnswer(
            (double)(used.Resident - before.Resident) / count,
            nanoseconds,
            (double)(before.Bytes - idle.Bytes + (used.Bytes - created.Bytes)) / threads,
            before.Mappings - idle.Mappings + (used.Mappings - created.Mappings)).Print();
        return ExitCode.Success;
    }

    private static void UseAll(object[] all, Action<object> use)
    {
        foreach (object each in all)
            use(each);
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
