using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Percpu.PinThroughput.Measuring;

namespace Percpu.PinThroughput.Subjects.Pin;

/// <summary>The least that counts correctly: one shared word, negative once killed, and an event at the last drop.</summary>
internal sealed class InterlockedSubject(bool timed = false) : PinSubject("interlocked", timed)
{
    private readonly Word _word = new() { Count = 1 };

    internal override Loop CreateLoop(int thread) => LoopOf(new Pin(_word));

    internal override void CheckBalance() => Check(_word.Count == 1 && _word.Releases == 0, $"the count is {_word.Count} instead of 1.");

    private readonly struct Pin(Word word) : IPin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake()
        {
            if (Interlocked.Increment(ref word.Count) > 0)
                return true;
            Interlocked.Decrement(ref word.Count);
            return false;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Drop()
        {
            if (Interlocked.Decrement(ref word.Count) is 0 or long.MinValue)
                word.Releases++;
        }
    }

    /// <summary>The count has its cache lines to itself.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private sealed class Word
    {
        [FieldOffset(128)]
        internal long Count;

        [FieldOffset(136)]
        internal long Releases;
    }
}
