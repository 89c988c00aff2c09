using System.Numerics;
using Percpu.Torture.Faults;

namespace Percpu.Torture.Litmus;

/// <summary>Puts the two threads of a pair on two processors, where the system allows that; elsewhere it decides.</summary>
internal static class TwoProcessors
{
    private static readonly ulong Allowed = OperatingSystem.IsLinux() ? LinuxThreads.AllowedProcessors() : 0;

    internal static bool Available => Environment.ProcessorCount > 1 && (Allowed == 0 || BitOperations.PopCount(Allowed) > 1);

    internal static void Bind(int which)
    {
        ulong one = which == 0 ? Allowed & (0 - Allowed) : 1UL << BitOperations.Log2(Allowed | 1);
        if (Allowed != 0)
            LinuxThreads.TryBind(0, one);
    }
}
