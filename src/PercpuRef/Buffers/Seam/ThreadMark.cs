#pragma warning disable RS0030 // The seam.
namespace Percpu.Buffers;

/// <summary>What pools know this thread by; see <see cref="ThreadMarks"/>.</summary>
/// <remarks>A number, and nothing else in the class: then the JIT reads it with one instruction once it has the thread's base,
/// which it takes out of loops. With a reference or an initialised static beside it, .NET 10 does neither.</remarks>
internal static class ThreadMark
{
    /// <summary>0 until this thread has rented a block.</summary>
    [ThreadStatic]
    internal static long Current;
}
