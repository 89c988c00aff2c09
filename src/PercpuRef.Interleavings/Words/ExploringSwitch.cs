namespace Percpu.Interleavings;

/// <summary>
/// <see cref="Exploring.IsSupported"/> as a field, which the JIT knows before it has looked into any call: what stands behind it is not
/// compiled at all. In a class of its own, so that an ahead-of-time compiler can tell the value and leaves no constructor to run.
/// </summary>
internal static class ExploringSwitch
{
    internal static readonly bool IsOn = Exploring.IsSupported;
}
