using System.Reflection;
using Microsoft.Coyote.Runtime;
using Percpu.Interleavings.Model;

namespace Percpu.Interleavings.Engines.Coyote;

/// <summary>
/// A thread of the operating system that runs one operation of Coyote after the other, from execution to execution: to start a
/// thread for each took longer than the operation itself.
/// </summary>
/// <remarks>Coyote keeps in a thread which test it belongs to, and clears it at the end of threads that it started itself, not
/// of ours. Its method for that is not public; without it (another version) every operation gets a thread of its own.</remarks>
internal sealed class OperationThread : IDisposable
{
    private static readonly Action? Forget = FindForget();

    private readonly OneProcessor? _processor;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _work = new(0);
    private readonly ManualResetEventSlim _idle = new(initialState: true);
    private Action? _body;
    private ExecutionContext? _context;
    private volatile bool _closing;

    internal OperationThread(OneProcessor? processor)
    {
        _processor = processor;
        _thread = new Thread(Loop) { IsBackground = true, Name = "operation of Coyote" };
        _thread.Start();
    }

    /// <summary>Whether the thread can run another operation.</summary>
    internal static bool CanBeReused => Forget is not null;

    internal void Run(Action body)
    {
        _idle.Reset();
        _body = body;
        _context = ExecutionContext.Capture(); // By it, too, Coyote knows which test a thread belongs to.
        _work.Release();
    }

    /// <summary>Interrupts the operation.</summary>
    internal void Interrupt()
    {
        if (!_idle.IsSet)
            _thread.Interrupt();
    }

    /// <summary>Waits until nothing of the operation runs any more.</summary>
    internal void WaitUntilIdle()
    {
        while (true)
        {
            try
            {
                _idle.Wait();
                return;
            }
            catch (ThreadInterruptedException)
            {
                // Coyote interrupts the caller, too, once.
            }
        }
    }

    public void Dispose()
    {
        _closing = true;
        _work.Release();
        _thread.Join();
        _work.Dispose();
        _idle.Dispose();
    }

    private void Loop()
    {
        _processor?.Bind();
        while (true)
        {
            try
            {
                _work.Wait();
            }
            catch (ThreadInterruptedException)
            {
                continue; // Meant for an operation that was over already.
            }
            if (_closing)
                return;
            try
            {
                ExecutionContext.Run(_context!, static thread => ((OperationThread)thread!)._body!(), this);
            }
            finally
            {
                _body = null;
                _context = null;
                Forget?.Invoke();
                _idle.Set();
            }
        }
    }

    private static Action? FindForget()
    {
        MethodInfo? method = typeof(Operation).Assembly.GetType("Microsoft.Coyote.Runtime.CoyoteRuntime")
            ?.GetMethod("CleanCurrentExecutionContext", BindingFlags.Static | BindingFlags.NonPublic, []);
        return method?.CreateDelegate<Action>();
    }
}
