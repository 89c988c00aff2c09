namespace Percpu.Unit.Failures.Injected;

/// <summary>What the named places of a variant ask before they do their work.</summary>
public static class Faults
{
    private static string? s_armed;
    private static int s_after;
    private static int s_blocks;
    private static int s_reserved;

    /// <summary>How often the armed place has failed.</summary>
    public static int Hits { get; private set; }

    /// <summary>Blocks of native memory that were not given back.</summary>
    public static int Blocks => s_blocks;

    /// <summary>Ranges of addresses that were not.</summary>
    public static int Reserved => s_reserved;

    /// <summary>Lets a place fail, each time after so many.</summary>
    public static void Arm(string? point, int after = 0)
    {
        s_armed = point;
        s_after = after;
        Hits = 0;
    }

    public static void Hit(string point)
    {
        if (s_armed != point || s_after-- > 0)
            return;
        Hits++;
        throw new InsufficientMemoryException("injected: " + point);
    }

    public static void CountBlock(int change) => Interlocked.Add(ref s_blocks, change);

    public static void CountReserved(int change) => Interlocked.Add(ref s_reserved, change);
}
