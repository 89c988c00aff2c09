using System.Runtime.CompilerServices;
using Percpu.Interleavings;
using Percpu.Interleavings.Model;

namespace Percpu.Memory;

/// <summary>The checked version: a blocking primitive of the scheduler over the same bits (0 free, 1 held).</summary>
internal static unsafe class WordLock
{
    internal const long Mask = Execution.LockMask;

    internal static Scope EnterScope(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        Enter(word, member, line);
        return new Scope(word, member, line);
    }

    internal static void Enter(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.EnterLock(thread, word, new Source(member, line));
    }

    internal static bool TryEnter(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        return thread.Execution.TryEnterLock(thread, word, new Source(member, line));
    }

    internal static void Exit(long* word, [CallerMemberName] string member = "", [CallerLineNumber] int line = 0)
    {
        ModelThread thread = ModelThread.Current;
        thread.Execution.ExitHeldLock(thread, word, new Source(member, line));
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
