using Percpu.Memory;

namespace Percpu;

/// <summary>Which kind of private words this process counts in. Decided once, when the library is first used.</summary>
/// <remarks>
/// <para>Asked for by the environment variable <c>PERCPU_STRIPES</c>, else by the setting <c>Percpu.Stripes</c> of
/// <c>runtimeconfig.json</c> or <see cref="AppContext.SetData"/>: <c>thread</c>, <c>cpu</c>, or <c>auto</c>, which is what
/// nothing said means. <c>auto</c> takes <see cref="StripeKind.Cpu"/> in a process that begins with very many threads, or
/// says that it will have them, and <see cref="StripeKind.Thread"/> in all others.</para>
/// <para>Thread-safety: may be read from any thread at any time; the values never change.</para>
/// </remarks>
public static class PercpuStripes
{
    /// <summary>The kind in use.</summary>
    /// <remarks>Kernel: always one word a processor (<c>alloc_percpu</c>).</remarks>
    public static StripeKind Kind => PerCpu.InUse ? StripeKind.Cpu : StripeKind.Thread;

    /// <summary>Why this kind is in use, in a sentence for people; also in an event of the EventSource <c>Percpu</c>.</summary>
    public static string Reason => PerCpu.Reason;
}
