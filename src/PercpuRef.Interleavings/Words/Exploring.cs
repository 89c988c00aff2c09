using System.Diagnostics.CodeAnalysis;

namespace Percpu.Interleavings;

/// <summary>Whether the words of this process can be explored.</summary>
public static class Exploring
{
    /// <summary>The switch of <see cref="AppContext"/>, and of runtimeconfig.json.</summary>
    public const string SwitchName = "Percpu.Interleavings.IsSupported";

    /// <summary>
    /// Whether scenarios can be explored in this process; else each operation of a word is the one of <see cref="Volatile"/> or
    /// <see cref="Interlocked"/>. Fixed when the first word is used: a constant to the JIT from then on, and to an ahead-of-time compiler.
    /// </summary>
    [FeatureSwitchDefinition(SwitchName)]
    public static bool IsSupported { get; } = AppContext.TryGetSwitch(SwitchName, out bool isOn) && isOn;

    /// <exception cref="InvalidOperationException">They cannot be.</exception>
    internal static void Require()
    {
        if (!IsSupported)
        {
            throw new InvalidOperationException(
                $"Words are not explored in this process. Put <PercpuInterleavings>true</PercpuInterleavings> into the project that runs scenarios, or set the switch {SwitchName} of AppContext before the first word is used.");
        }
    }
}
