using Percpu.Memory;

namespace Percpu.Torture.Litmus;

/// <summary>The control: nothing.</summary>
internal readonly struct NoFence : IFence
{
    public static void Fence()
    {
    }
}

/// <summary>The readers' half of the shipped asymmetric fence.</summary>
internal readonly struct LightFence : IFence
{
    public static void Fence() => Atomic.LightFence();
}

/// <summary>The writers' half.</summary>
internal readonly struct ProcessWideFence : IFence
{
    public static void Fence() => Atomic.ProcessWideFence();
}

/// <summary>A full fence of one thread.</summary>
internal readonly struct FullFence : IFence
{
    public static void Fence() => Atomic.FullFence();
}
