using System.Numerics;
using System.Runtime.InteropServices;

namespace Percpu.Interleavings.Model;

/// <summary>
/// The processor that all threads of one execution share. One of them runs at a time, and on a machine of
/// two processors executions were seven times as fast as unbound. Explorers that run side by side take different ones.
/// </summary>
/// <remarks>Only on Linux; elsewhere nothing is bound, and hand-overs are slower.</remarks>
internal sealed unsafe class OneProcessor
{
    private const int MaskWords = 16;
    private static readonly int[] Claims = new int[MaskWords * 64];

    private readonly ulong[] _before = new ulong[MaskWords];
    private readonly int _number;

    private OneProcessor(ReadOnlySpan<ulong> allowed)
    {
        allowed.CopyTo(_before);
        lock (Claims)
        {
            _number = LeastClaimed(allowed, Claims, CurrentProcessor());
            Claims[_number]++;
        }
        Bind();
    }

    /// <summary>Binds the calling thread to a processor that few others claim; null where that cannot be done.</summary>
    internal static OneProcessor? Claim()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<ulong> allowed = stackalloc ulong[MaskWords];
        allowed.Clear();
        fixed (ulong* mask = allowed)
        {
            if (GetAffinity(0, MaskWords * sizeof(ulong), mask) < 0 || allowed.IndexOfAnyExcept(0UL) < 0)
                return null;
        }
        return new OneProcessor(allowed);
    }

    /// <summary>Binds the calling thread, too.</summary>
    internal void Bind()
    {
        ulong* mask = stackalloc ulong[MaskWords];
        FillMask(new Span<ulong>(mask, MaskWords), _number);
        _ = SetAffinity(0, MaskWords * sizeof(ulong), mask);
    }

    /// <summary>Gives the processor back, and the calling thread, which must be the one that claimed it, its freedom.</summary>
    internal void Release()
    {
        GiveBack();
        fixed (ulong* mask = _before)
            _ = SetAffinity(0, MaskWords * sizeof(ulong), mask);
    }

    /// <summary>Gives the processor back where the thread that claimed it is gone.</summary>
    internal void GiveBack()
    {
        lock (Claims)
            Claims[_number]--;
    }

    /// <summary>Makes a mask that allows one processor.</summary>
    internal static void FillMask(Span<ulong> mask, int number)
    {
        mask.Clear();
        mask[number / 64] = 1UL << (number % 64);
    }

    /// <summary>The processor that the thread is on, which has time for it, unless others claim it more than another one that is allowed.</summary>
    internal static int LeastClaimed(ReadOnlySpan<ulong> allowed, ReadOnlySpan<int> claims, int current)
    {
        bool mayStay = current >= 0 && current < allowed.Length * 64 && (allowed[current / 64] >> (current % 64) & 1) != 0;
        int best = mayStay ? current : -1;
        for (int word = 0; word < allowed.Length; word++)
        {
            for (ulong left = allowed[word]; left != 0; left &= left - 1)
            {
                int number = word * 64 + BitOperations.TrailingZeroCount(left);
                if (best < 0 || claims[number] < claims[best])
                    best = number;
            }
        }
        return best;
    }

    [DllImport("libc", EntryPoint = "sched_getaffinity")]
    private static extern int GetAffinity(int thread, nuint size, ulong* mask);

    [DllImport("libc", EntryPoint = "sched_setaffinity")]
    private static extern int SetAffinity(int thread, nuint size, ulong* mask);

    [DllImport("libc", EntryPoint = "sched_getcpu")]
    private static extern int CurrentProcessor();
}
