using System.Runtime.CompilerServices;
using Percpu.Testing;

namespace Percpu.Memory;

/// <summary>The seam over Coyote: a lock over the same bits (0 free, 1 held), whose waits it schedules.</summary>
internal static unsafe class WordLock
{
    internal const long Mask = 3;

    internal static Scope EnterScope(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Enter(word, member, line);
        return new Scope(word, member, line);
    }

    internal static void Enter(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        while (!TryEnter(word, member, line))
            Control.Wait(TestThread.Current, () => (Volatile.Read(ref *word) & Mask) == 0, "an internal lock");
    }

    internal static bool TryEnter(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (!Atomic.IsHere(thread, word))
            return true;
        long before = Volatile.Read(ref *word);
        while ((before & Mask) == 0)
        {
            long found = Interlocked.CompareExchange(ref *word, before | 1, before);
            if (found == before)
                return true;
            before = found;
        }
        return false;
    }

    internal static void Exit(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        TestThread thread = Control.Point(member, line);
        if (Atomic.IsHere(thread, word) && (Interlocked.And(ref *word, ~Mask) & Mask) == 0)
            throw thread.Iteration.Fail("A lock that nobody holds was given back.");
        thread.Iteration.Changed(thread);
    }

    /// <summary>A lock that is held. It exits under the name of where it was entered.</summary>
    internal readonly ref struct Scope
    {
        private readonly ref long _word;
        private readonly string _member;
        private readonly int _line;

        internal Scope(long* word, string member, int line)
        {
            _word = ref *word;
            (_member, _line) = (member, line);
        }

        public void Dispose()
        {
            fixed (long* word = &_word)
                Exit(word, _member, _line);
        }
    }
}
