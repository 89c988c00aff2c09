namespace Percpu.Memory;

/// <summary>What an owner of a slot says of itself to the meter.</summary>
internal interface ISlotOwner
{
    /// <summary>What it adds to a figure. Takes no lock.</summary>
    long Tell(SlotFigure figure);
}

/// <summary>Figures of the process that are sums over owners of slots.</summary>
internal enum SlotFigure
{
    /// <summary>References that were neither killed nor released.</summary>
    Live,

    /// <summary>References that were killed and are still held.</summary>
    Dying,

    /// <summary>Callbacks that were retired and have not run.</summary>
    Retired,
}

/// <summary>An owner that was dropped too early: whether it had been killed, and the references that nobody can put any more.</summary>
internal readonly record struct DroppedOwner(bool Killed, long Held);
