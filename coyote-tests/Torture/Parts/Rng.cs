using System.Runtime.CompilerServices;

namespace Percpu.Torture.Parts;

/// <summary>A small random source, one a thread. The seed of a run fixes every thread's choices, not their timing.</summary>
internal sealed class Rng
{
    private ulong _state;

    internal Rng(ulong seed, int stream)
    {
        _state = (seed + 0x9E3779B97F4A7C15 * (ulong)(stream + 1)) | 1;
        for (int i = 0; i < 8; i++)
            Next();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Next()
    {
        ulong x = _state;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        _state = x;
        return x * 0x2545F4914F6CDD1D;
    }

    /// <summary>0 to <paramref name="limit"/> - 1.</summary>
    internal int Below(int limit) => (int)((Next() >> 33) % (ulong)limit);

    internal bool OneIn(int chances) => Below(chances) == 0;
}
