using ControlledThread = Microsoft.Coyote.Rewriting.Types.Threading.Thread;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: a thread of its own.</summary>
internal static class BackgroundThread
{
    internal static void Start(Action body, string name)
    {
        Thread thread = ControlledThread.Create(() => body());
        thread.IsBackground = true;
        ControlledThread.Start(thread); // Its name is Coyote's, which knows it by that.
    }
}
