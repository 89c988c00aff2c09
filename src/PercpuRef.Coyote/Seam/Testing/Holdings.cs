using System.Diagnostics;
using System.Text;

namespace Percpu.Testing;

/// <summary>The words that only this thread writes and that are not zero: references it got and did not put, pins, read sections; each with the
/// stack of the last take, for the message of a deadlock.</summary>
/// <remarks>References of a reference in atomic mode are counted in a word of all threads, and are not here.</remarks>
internal sealed class Holdings
{
    private readonly Dictionary<long, StackTrace?> _words = [];

    internal bool Any => _words.Count > 0;

    internal void Note(long word, long value, bool isTake)
    {
        if (value == 0)
            _words.Remove(word);
        else if (isTake)
            _words[word] = new StackTrace(skipFrames: 2);
    }

    /// <summary>One line for each.</summary>
    internal void Describe(StringBuilder text)
    {
        foreach (StackTrace? take in _words.Values)
        {
            StackFrame? caller = take?.GetFrames().FirstOrDefault(static frame => frame.GetMethod()?.Module != typeof(Holdings).Module);
            text.Append($"\n    holds what it took in {caller?.GetMethod()?.DeclaringType}.{caller?.GetMethod()?.Name} and has not given back");
        }
    }
}
