using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.Interleavings.Model;
using Percpu.Memory;

namespace Percpu.Interleavings.Running;

/// <summary>What the library keeps for each process and for each thread: here, for each execution and model thread.</summary>
internal static class LibraryState
{
    extension(Execution execution)
    {
        /// <summary>The stripes of this execution's process, made on first use.</summary>
        internal StripeSet Stripes => execution.Process.Stripes ??= new StripeSet(execution.Model.CpuStripes ? StripeKind.Cpu : StripeKind.Thread);

        /// <summary>The same, if they were used.</summary>
        internal StripeSet? UsedStripes => execution.Process.Stripes;

        internal OfProcess Process => Unsafe.As<OfProcess>(execution.State ??= new OfProcess());
    }

    extension(ModelThread thread)
    {
        internal OfThread Own => Unsafe.As<OfThread>(thread.State ??= new OfThread());
    }

    internal sealed class OfProcess : CheckedState
    {
        internal StripeSet? Stripes { get; set; }

        /// <summary>The epoch domain of this execution's process, if it was asked for.</summary>
        internal EpochDomain? SharedDomain { get; set; }

        /// <summary>Handles of objects that are not freed yet. What an execution leaves of them would keep its whole machine alive.</summary>
        internal HashSet<long> Handles { get; } = [];

        internal override void Reset()
        {
            Stripes = null;
            SharedDomain = null;
            foreach (long handle in Handles)
                GCHandle.FromIntPtr((nint)handle).Free();
            Handles.Clear();
        }
    }

    internal sealed class OfThread : CheckedState
    {
        internal PerThreadState Library { get; } = new();

        internal override void Reset() => Library.Reset();
    }
}
