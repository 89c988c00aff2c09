namespace Percpu.Memory;

/// <summary>Threads that the library itself starts.</summary>
internal static class BackgroundThread
{
    /// <summary>Starts a thread that does not keep the process alive. Throws OutOfMemoryException.</summary>
    internal static void Start(Action body, string name)
    {
        // Unsafe: the execution context of whoever happens to start it is none of its business.
        new Thread(() => body(), maxStackSize: 256 << 10) { IsBackground = true, Name = name }.UnsafeStart();
    }
}
