using System.Runtime.CompilerServices;
using Percpu.Buffers;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Workloads;

internal sealed class HandleWorkload : Workload
{
    internal override string Id => "handle";

    internal override string Operation => "begin and end a use of a native handle";

    internal override string Yardstick => "percpu-handle";

    internal override IReadOnlyList<string> SubjectIds => ["percpu-handle", "safe-handle"];

    internal override IReadOnlyList<string> OwnIds => ["percpu-handle"];

    internal override WorkloadInstance Open(IReadOnlyDictionary<string, string> parameters) =>
        new([new PercpuHandleSubject(), new SafeHandleSubject()]);
}

/// <summary>A use of a handle as it stands around a native call.</summary>
internal sealed class PercpuHandleSubject() : Subject("percpu-handle")
{
    private readonly CountedHandle _handle = new();

    internal override Loop CreateLoop(int thread) => new UseLoop(_handle);

    internal override void CheckBalance()
    {
        _handle.Dispose();
        Check(_handle.Releases == 1, "the handle was not released by its disposal: uses are left.");
    }

    protected override void Free() => _handle.Dispose();

    private sealed class UseLoop(CountedHandle handle) : ChunkLoop
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override long RunChunk(int chunk)
        {
            CountedHandle local = handle;
            long sum = 0;
            for (int i = 0; i < Operations; i++)
            {
                using HandlePin use = local.Use();
                sum += use.Value;
            }
            return sum;
        }
    }

    private sealed class CountedHandle : PercpuHandle
    {
        internal CountedHandle()
            : base(0, ownsHandle: true) => SetHandle(1);

        public override bool IsInvalid => false;

        internal int Releases { get; private set; }

        protected override bool ReleaseHandle(nint handle)
        {
            Releases++;
            return true;
        }
    }
}
