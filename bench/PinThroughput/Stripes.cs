using System.Runtime.CompilerServices;

namespace Percpu.PinThroughput;

/// <summary>The kind of stripes that the library uses in this process and in those that it starts.</summary>
internal static class Stripes
{
    internal const string Thread = "thread", Cpu = "cpu", Auto = "auto";

    /// <summary>The variable that the library reads when it begins.</summary>
    internal const string Variable = "PERCPU_STRIPES";

    /// <summary>Why a process cannot have stripes per CPU; null if it can.</summary>
    internal static string? WhyNotPerCpu
    {
        get
        {
            try
            {
                return Ask();
            }
            catch (TypeLoadException)
            {
                return "the older build has stripes per thread only";
            }

            // Alone: a method is compiled whole, and an older library has no such type.
            [MethodImpl(MethodImplOptions.NoInlining)]
            static string? Ask() => PercpuStripes.Kind == StripeKind.Cpu ? null : PercpuStripes.Reason;
        }
    }

    /// <summary>Chooses for this process. To be called before anything of the library is.</summary>
    internal static void Choose(string kind) => Environment.SetEnvironmentVariable(Variable, kind);
}
