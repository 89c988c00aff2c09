namespace Percpu.Torture.Litmus;

/// <summary>What stands between the store and the load of one side. A type, so that the JIT compiles each pair for itself.</summary>
internal interface IFence
{
    static abstract void Fence();
}
