using Percpu.Unit.Support;

namespace Percpu.Unit.Memory;

/// <summary>Where the operating system refuses a thread's stripes, in a process of its own whose limit is lowered.</summary>
public sealed class RefusedMemoryTests
{
    [Fact]
    public void I76_a_thread_whose_stripes_are_refused_counts_all_the_same_and_no_address_space_stays_taken()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of memory that can be written is Linux's.");
        string told = Programs.Run("""
            using System.Globalization;
            using System.Runtime.InteropServices;
            using Percpu;

            // Many runs of stripes, and no thread that has any: the first will want more than it is given.
            PercpuRef[] references = [.. Enumerable.Range(0, 100_000).Select(_ => new PercpuRef())];
            PercpuRef reference = references[^1];
            System.Runtime.CompilerServices.RuntimeHelpers.PrepareMethod(typeof(PercpuRef).GetMethod("Get", Type.EmptyTypes)!.MethodHandle);
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

            static long Status(string name) => long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith(name)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

            struct Limit
            {
                public ulong Soft, Hard;
            }

            static class Limits
            {
                private const int Data = 2; // RLIMIT_DATA

                public static void Get(out Limit limit) => Check(getrlimit(Data, out limit));

                public static void Set(in Limit limit) => Check(setrlimit(Data, in limit));

                private static void Check(int result)
                {
                    if (result != 0)
                        throw new InvalidOperationException("The limit could not be changed.");
                }

                [DllImport("libc")]
                private static extern int getrlimit(int resource, out Limit limit);

                [DllImport("libc")]
                private static extern int setrlimit(int resource, in Limit limit);
            }
            """, ("PERCPU_STRIPES", "thread"));
        Assert.SkipWhen(told == "no limit", "An emulator takes a limit, and keeps it from the kernel, whose own memory it needs.");
        Assert.Equal("count 3 then 4, address space kept: False, released: True", told);
    }
}
