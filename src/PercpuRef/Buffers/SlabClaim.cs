using System.Runtime.CompilerServices;

namespace Percpu.Buffers;

/// <summary>The word of a block that any thread compare-exchanges: a generation, and in the low bits a phase.</summary>
/// <remarks><see cref="Open"/>: the generation is that of a rental which another thread than the home has returned; not 0
/// means that the block is in a list of returned blocks, or on its way there. <see cref="Closing"/>: the same, and the slab
/// is being retired. <see cref="Counted"/>: the slab was retired while this generation was rented, and a count of the slab
/// stands for it. <see cref="Closed"/>: never to be rented any more.</remarks>
internal static class SlabClaim
{
    internal const long Open = 0, Closing = 1, Counted = 2, Closed = 3;

    private const int Bits = 2;

    internal static long Phase(long claim) => claim & ((1 << Bits) - 1);

    internal static long Generation(long claim) => claim >> Bits;

    internal static long Of(long generation, long phase) => (generation << Bits) | phase;

    /// <summary>Whether a rental may still be one, as far as this word tells.</summary>
    // Seldom asked: out of the way of a rental's check.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool Allows(long claim, long generation) => Phase(claim) switch
    {
        Closed => false,
        Counted => Generation(claim) == generation,
        _ => Generation(claim) != generation,
    };
}
