using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

/// <summary>What .NET itself does around every call that uses a handle.</summary>
internal sealed class SafeHandleSubject(bool timed = false) : PinSubject("safe-handle", timed)
{
    private readonly Handle _handle = new();

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_handle));

    internal override void CheckBalance()
    {
        _handle.Dispose();
        Check(_handle.Releases == 1, "the handle was not released by its disposal: references are left.");
    }

    protected override void Free() => _handle.Dispose();

    private readonly struct Pin(Handle handle) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            bool taken = false;
            handle.DangerousAddRef(ref taken);
            return taken;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop() => handle.DangerousRelease();
    }

    private sealed class Handle : SafeHandle
    {
        internal Handle()
            : base(0, ownsHandle: true) => SetHandle(1);

        public override bool IsInvalid => false;

        internal int Releases { get; private set; }

        protected override bool ReleaseHandle()
        {
            Releases++;
            return true;
        }
    }
}
