using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percpu.Programs;

/// <summary>Counts while the operating system refuses this thread its stripes, and after that (Linux).</summary>
public static partial class StripesRefused
{
    public static void Run()
    {
        // Many runs of stripes, and no thread that has any: the first will want more than it is given.
        PercpuRef[] references = [.. Enumerable.Range(0, 100_000).Select(_ => new PercpuRef())];
        PercpuRef reference = references[^1];
        RuntimeHelpers.PrepareMethod(typeof(PercpuRef).GetMethod("Get", Type.EmptyTypes)!.MethodHandle);
        long before = Status("VmSize:");
        Limits.Get(out Limit limit);
        ulong soft = limit.Soft;
        limit.Soft = (ulong)Status("VmData:") * 1024 + (100 << 20); // 100,000 references have 200 MB of stripes for the threads of a bank.
        ulong wanted = limit.Soft;
        Limits.Set(in limit);
        Limits.Get(out limit);
        if (limit.Soft != wanted)
        {
            Console.Write("no limit");
            return;
        }
        reference.Get();
        reference.Get();
        limit.Soft = soft;
        Limits.Set(in limit);
        long first = reference.ApproximateCount;
        bool kept = Status("VmSize:") - before >= 200 << 10; // The smallest bank has 256 MB.
        reference.Get(); // Now it is given its stripes.
        long then = reference.ApproximateCount;
        reference.Kill();
        reference.PutMany(3);
        Console.Write($"count {first} then {then}, address space kept: {kept}, released: {reference.IsZero}");
        GC.KeepAlive(references);
    }

    private static long Status(string name) => long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private struct Limit
    {
        public ulong Soft, Hard;
    }

    private static partial class Limits
    {
        private const int Data = 2; // RLIMIT_DATA

        internal static void Get(out Limit limit) => Check(getrlimit(Data, out limit));

        internal static void Set(in Limit limit) => Check(setrlimit(Data, in limit));

        private static void Check(int result)
        {
            if (result != 0)
                throw new InvalidOperationException("The limit could not be changed.");
        }

        [LibraryImport("libc")]
        private static partial int getrlimit(int resource, out Limit limit);

        [LibraryImport("libc")]
        private static partial int setrlimit(int resource, in Limit limit);
    }
}
