namespace Percpu.Buffers;

/// <summary>The checked version: an operating system that takes no advice.</summary>
internal static unsafe class MemoryAdvisor
{
    internal static bool Advise(byte* address, long length, MemoryAdvice advice) => false;
}
