namespace Percpu.Torture.Parts;

/// <summary>What a member says of itself in one word: how often it has begun to take a reference, at which place, and
/// whether it is just doing so.</summary>
internal static class Whereabouts
{
    internal const long InsideBit = 0x80;

    internal static bool IsAt(long word, int place) => word != 0 && (word & 0x7F) == place;

    internal static bool IsInside(long word, int place) => (word & 0xFF) == (InsideBit | (long)(uint)place);
}
