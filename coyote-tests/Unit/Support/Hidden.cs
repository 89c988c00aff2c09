using System.Reflection;
using System.Runtime.InteropServices;
using Percpu.Memory;

namespace Percpu.Unit.Support;

/// <summary>Words of an object that its own source alone reads.</summary>
internal static unsafe class Hidden
{
    private const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>A word by the name of its field in the object's <see cref="Pinned{T}"/>, or of a private property that points to it.</summary>
    internal static long Word(object owner, string name)
    {
        if (owner.GetType().GetProperty(name, Private) is { } property)
            return Volatile.Read(ref *(long*)Pointer.Unbox(property.GetValue(owner)!));
        object words = (owner.GetType().GetField("_words", Private) ?? throw new MissingMemberException(owner.GetType().Name, name)).GetValue(owner)!;
        return Read(words, Marshal.OffsetOf(words.GetType().GenericTypeArguments[0], name));
    }

    /// <summary>Whether an object's lock is free: a call that kept it would be noticed by the next one only, which waits for ever.</summary>
    internal static bool IsUnlocked(object owner) =>
        ((owner.GetType().GetField("_lock", Private) is { } word ? Read(word.GetValue(owner)!, 0) : Word(owner, "Lock")) & WordLock.Mask) == 0;

    private static long Read(object pinned, nint offset)
    {
        var start = (byte*)Pointer.Unbox(pinned.GetType().GetProperty(nameof(Pinned<long>.Pointer), Private)!.GetValue(pinned)!);
        return Volatile.Read(ref *(long*)(start + offset));
    }
}
