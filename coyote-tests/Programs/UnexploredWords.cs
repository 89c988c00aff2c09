using System.Runtime.CompilerServices;
using Percpu.Interleavings;

namespace Percpu.Programs;

/// <summary>Uses every operation of the words, locks, parks and fences where nothing is explored, and throws where one does something else than it says.</summary>
public static class UnexploredWords
{
    public static unsafe void Run()
    {
        Is(false, Exploring.IsSupported);
        var shared = new Shared();
        shared.Word.Write(3);
        Is(3, shared.Word.Read());
        shared.Word.WriteRelaxed(4);
        Is(4, shared.Word.ReadRelaxed());
        Is(4, shared.Word.Exchange(5));
        Is(5, shared.Word.CompareExchange(6, 5));
        Is(6, shared.Word.CompareExchange(7, 5));
        Is(4, shared.Word.Add(-2));
        Is(4, shared.Word.Read());
        Is(7, new AtomicLong(7).Read());
        Is(null, shared.Link.Read());
        shared.Link.Write("a");
        Is("a", shared.Link.Read());
        Is("a", shared.Link.Exchange("b"));
        Is("b", shared.Link.CompareExchange("c", "x"));
        Is("b", shared.Link.CompareExchange("c", shared.Link.Read()));
        Is("c", shared.Link.Read());
        Is("d", new AtomicReference<string>("d").Read());
        Fence.Full();
        Fence.Read();
        Fence.Write();
        long* words = NativeWord.Allocate(2);
        Is(0, NativeWord.Read(words) + NativeWord.Read(words + 1));
        NativeWord.Write(words, 1);
        NativeWord.WriteRelaxed(words + 1, 2);
        Is(3, NativeWord.Read(words) + NativeWord.ReadRelaxed(words + 1));
        Is(1, NativeWord.Exchange(words, 5));
        Is(5, NativeWord.CompareExchange(words, 6, 5));
        Is(6, NativeWord.CompareExchange(words, 7, 5));
        Is(8, NativeWord.Add(words, 2));
        Is(8, NativeWord.Read(words));
        NativeWord.Free(words);
        NativeWord.Free(null);

        var gate = new AtomicLock();
        gate.Enter();
        Is(false, ElsewhereEnters(gate));
        gate.Exit();
        Is(true, ElsewhereEnters(gate));
        Is(true, gate.TryEnter());
        Is(false, ElsewhereEnters(gate));
        gate.Exit();
        Is(true, Throws(gate.Exit));
        var parker = new Parker();
        Is(false, parker.Park(0));
        parker.Unpark();
        parker.Unpark();
        Is(true, parker.Park(0));
        Is(false, parker.Park(1));
        var spinner = new Spinner();
        spinner.Pause();
    }

    private static bool ElsewhereEnters(AtomicLock gate)
    {
        bool entered = false;
        var thread = new Thread(() =>
        {
            if (entered = gate.TryEnter())
                gate.Exit();
        });
        thread.Start();
        if (!thread.Join(60_000))
            throw new TimeoutException("TryEnter waits.");
        return entered;
    }

    private static bool Throws(Action<string, int> exit)
    {
        try
        {
            exit("", 0);
            return false;
        }
        catch (SynchronizationLockException)
        {
            return true;
        }
    }

    private static void Is(object? expected, object? actual, [CallerLineNumber] int line = 0)
    {
        if (!Equals(expected is int number ? (long)number : expected, actual))
            throw new InvalidOperationException($"Line {line}: {actual} in place of {expected}.");
    }

    private sealed class Shared
    {
        public AtomicLong Word;
        public AtomicReference<string> Link;
    }
}
