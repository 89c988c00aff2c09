using System.Runtime.CompilerServices;
using Percpu.Interleavings;

namespace Percpu.Programs;

/// <summary>Each operation of a word, and the same of a field by Volatile and Interlocked: in pairs, whose machine code is compared.</summary>
internal static unsafe class WordOrField
{
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_Read(Plain p) => Volatile.Read(ref p.Word);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_Read(Worded p) => p.Word.Read();
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_ReadRelaxed(Plain p) => p.Word;
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_ReadRelaxed(Worded p) => p.Word.ReadRelaxed();
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_Write(Plain p, long v) => Volatile.Write(ref p.Word, v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_Write(Worded p, long v) => p.Word.Write(v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_WriteRelaxed(Plain p, long v) => p.Word = v;
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_WriteRelaxed(Worded p, long v) => p.Word.WriteRelaxed(v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_Exchange(Plain p, long v) => Interlocked.Exchange(ref p.Word, v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_Exchange(Worded p, long v) => p.Word.Exchange(v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_CompareExchange(Plain p, long v, long c) => Interlocked.CompareExchange(ref p.Word, v, c);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_CompareExchange(Worded p, long v, long c) => p.Word.CompareExchange(v, c);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_Add(Plain p, long v) => Interlocked.Add(ref p.Word, v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_Add(Worded p, long v) => p.Word.Add(v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static string? Plain_ReadLink(PlainLink p) => Volatile.Read(ref p.Link);
    [MethodImpl(MethodImplOptions.NoInlining)] public static string? Word_ReadLink(WordedLink p) => p.Link.Read();
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_WriteLink(PlainLink p, string? v) => Volatile.Write(ref p.Link, v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_WriteLink(WordedLink p, string? v) => p.Link.Write(v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static string? Plain_ExchangeLink(PlainLink p, string? v) => Interlocked.Exchange(ref p.Link, v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static string? Word_ExchangeLink(WordedLink p, string? v) => p.Link.Exchange(v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static string? Plain_CompareExchangeLink(PlainLink p, string? v, string? c) => Interlocked.CompareExchange(ref p.Link, v, c);
    [MethodImpl(MethodImplOptions.NoInlining)] public static string? Word_CompareExchangeLink(WordedLink p, string? v, string? c) => p.Link.CompareExchange(v, c);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_NativeRead(long* w) => Volatile.Read(ref *w);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_NativeRead(long* w) => NativeWord.Read(w);
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_NativeWrite(long* w, long v) => Volatile.Write(ref *w, v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_NativeWrite(long* w, long v) => NativeWord.Write(w, v);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Plain_NativeCompareExchange(long* w, long v, long c) => Interlocked.CompareExchange(ref *w, v, c);
    [MethodImpl(MethodImplOptions.NoInlining)] public static long Word_NativeCompareExchange(long* w, long v, long c) => NativeWord.CompareExchange(w, v, c);
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_Fence() => Interlocked.MemoryBarrier();
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_Fence() => Fence.Full();
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_ReadFence() => Volatile.ReadBarrier();
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_ReadFence() => Fence.Read();
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Plain_WriteFence() => Volatile.WriteBarrier();
    [MethodImpl(MethodImplOptions.NoInlining)] public static void Word_WriteFence() => Fence.Write();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Plain_Loop(Plain p, int n)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
            s += Volatile.Read(ref p.Word);
        return s;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Word_Loop(Worded p, int n)
    {
        long s = 0;
        for (int i = 0; i < n; i++)
            s += p.Word.Read();
        return s;
    }

    internal sealed class Plain
    {
        public long Word;
    }

    internal sealed class Worded
    {
        public AtomicLong Word;
    }

    internal sealed class PlainLink
    {
        public string? Link;
    }

    internal sealed class WordedLink
    {
        public AtomicReference<string> Link;
    }
}
