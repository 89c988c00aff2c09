namespace Percpu.Unit.Failures.Shortages;

/// <summary>What instrumented source asks before each allocation and each call of the system: whether it is this one that fails.</summary>
/// <remarks>Only on the thread that runs a program: another thread's luck would differ from run to run.</remarks>
public static class Shortage
{
    /// <summary>ENOMEM.</summary>
    private const int NoMemory = 12;

    [ThreadStatic]
    private static bool t_armed;

    private static int s_point;
    private static int s_after;
    private static int[] s_reached = [];

    private static int s_blocks;
    private static int s_reserved;

    /// <summary>Blocks of native memory that were not given back.</summary>
    public static int Blocks => s_blocks;

    /// <summary>Ranges of addresses that were not.</summary>
    public static int Reserved => s_reserved;

    /// <summary>Whether the point failed.</summary>
    public static bool Struck { get; private set; }

    /// <summary>Counts how often the calling thread reaches each point, until <see cref="Disarm"/>.</summary>
    public static void Count(int[] reached)
    {
        s_reached = reached;
        s_point = -1;
        t_armed = true;
    }

    /// <summary>Lets the calling thread fail at a point, once: when it has reached it so often before.</summary>
    public static void Arm(int point, int after)
    {
        s_point = point;
        s_after = after;
        Struck = false;
        t_armed = true;
    }

    public static void Disarm() => t_armed = false;

    /// <summary>False where the caller must fail.</summary>
    public static bool Allows(int point)
    {
        if (!t_armed)
            return true;
        if (s_point < 0)
        {
            s_reached[point]++;
            return true;
        }
        if (point != s_point || s_after-- > 0)
            return true;
        t_armed = false;
        return !(Struck = true);
    }

    /// <summary>Stands for the last argument of a constructor: what is evaluated before the memory is asked for.</summary>
    public static T Then<T>(int point, T argument) where T : allows ref struct => Allows(point) ? argument : throw OutOfMemory(point);

    /// <summary>Stands for a collection that is about to take one more.</summary>
    public static T Demand<T>(int point, T receiver) where T : notnull => HasRoom(receiver) || Allows(point) ? receiver : throw OutOfMemory(point);

    public static Exception OutOfMemory(int point) => new InsufficientMemoryException($"injected at {point}");

    public static void CountBlock(int change) => Interlocked.Add(ref s_blocks, change);

    public static void CountReserved(int change) => Interlocked.Add(ref s_reserved, change);

    private static bool HasRoom(object receiver) =>
        receiver.GetType().GetProperty("Capacity")?.GetValue(receiver) is int capacity && receiver.GetType().GetProperty("Count")?.GetValue(receiver) is int count
        && count < capacity;

    /// <summary>What a call of the system returns that fails.</summary>
    public static int Error()
    {
        System.Runtime.InteropServices.Marshal.SetLastPInvokeError(NoMemory);
        return -1;
    }
}
