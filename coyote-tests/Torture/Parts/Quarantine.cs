namespace Percpu.Torture.Parts;

/// <summary>
/// The ring of destroyed blocks. A block ages by one for every 16 that follow it, and is freed after 128: a reader that
/// comes far too late finds an age far too high.
/// </summary>
internal sealed class Quarantine
{
    private const int Length = 128, Stage = 16;

    private readonly Lock _lock = new();
    private readonly Block[] _ring = new Block[Length];
    private long _position;

    /// <summary>Destroys a block and takes it in.</summary>
    internal void Take(Block block)
    {
        block.Destroy();
        Block leaving;
        lock (_lock)
        {
            int at = (int)(_position++ % Length);
            leaving = _ring[at];
            _ring[at] = block;
            for (int stage = 1; stage < Length / Stage; stage++)
            {
                Block older = _ring[(at + Length - stage * Stage) % Length];
                if (!older.IsNull)
                    older.Age = 2 + stage;
            }
        }
        if (!leaving.IsNull)
            leaving.Free();
    }

    /// <summary>Frees what is left, when nobody runs any more.</summary>
    internal void Drain()
    {
        lock (_lock)
        {
            foreach (Block block in _ring)
            {
                if (!block.IsNull)
                    block.Free();
            }
            Array.Clear(_ring);
        }
    }
}
