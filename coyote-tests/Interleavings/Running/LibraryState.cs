using System.Runtime.CompilerServices;
using Percpu.Buffers;
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

        internal override void Reset()
        {
            Stripes = null;
            SharedDomain = null;
        }
    }

    internal sealed class OfThread : CheckedState
    {
        /// <summary>The thread's stripe area, and its hazard line.</summary>
        internal long Area { get; set; }

        internal long Hazards { get; set; }

        /// <summary>Where its epoch readers are announced.</summary>
        internal long ReaderArea { get; set; }

        /// <summary>The shared count of readers that the thread is in, and how deep.</summary>
        internal long SharedDomain { get; set; }

        internal long SharedDepth { get; set; }

        /// <summary>The thread's tickets of held pins.</summary>
        internal TicketRack? Tickets { get; set; }

        internal override void Reset()
        {
            Area = Hazards = ReaderArea = SharedDomain = SharedDepth = 0;
            Tickets = null;
        }
    }
}
