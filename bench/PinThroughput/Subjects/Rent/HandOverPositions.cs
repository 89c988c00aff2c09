using System.Runtime.InteropServices;

namespace Percpu.PinThroughput.Subjects.Rent;

/// <summary>Where the two sides of a <see cref="HandOverRing{TBlock}"/> are: each side's own words in lines of their own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal struct HandOverPositions
{
    [FieldOffset(128)]
    internal long Put;

    [FieldOffset(136)]
    internal long TakenAsSeen;

    [FieldOffset(256)]
    internal long Taken;

    [FieldOffset(264)]
    internal long PutAsSeen;
}
