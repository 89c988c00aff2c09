using System.Reflection;
using System.Runtime.CompilerServices;
using Percpu.Interleavings;

namespace Percpu.Programs;

/// <summary>Makes the JIT compile every method of <see cref="WordOrField"/>.</summary>
public static class WordPaths
{
    public static unsafe void Run()
    {
        if (Exploring.IsSupported)
            throw new InvalidOperationException("The switch is on.");
        new WordOrField.Worded().Word.Write(new AtomicLong(1).Read()); // Statics are constants to code that is compiled after that.
        long word = 0;
        var plain = new WordOrField.Plain();
        var worded = new WordOrField.Worded();
        foreach (MethodInfo method in typeof(WordOrField).GetMethods().Where(method => method.IsStatic && method.DeclaringType == typeof(WordOrField)))
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        WordOrField.Plain_Read(plain);
        WordOrField.Word_Read(worded);
        WordOrField.Plain_NativeRead(&word);
        WordOrField.Word_NativeRead(&word);
    }
}
