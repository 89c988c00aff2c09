using Percpu.Buffers;

namespace Percpu.Memory;

/// <summary>What the library keeps for a thread: where the shipped seam has thread-statics, here it belongs to one execution.</summary>
internal sealed class PerThreadState
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

    internal void Reset()
    {
        Area = Hazards = ReaderArea = SharedDomain = SharedDepth = 0;
        Tickets = null;
    }
}
