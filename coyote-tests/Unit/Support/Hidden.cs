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
        return Volatile.Read(ref *Address(Words(owner), Marshal.OffsetOf(Words(owner).GetType().GenericTypeArguments[0], name)));
    }

    /// <summary>Whether an object's lock is free: a call that kept it would be noticed by the next one only, which waits for ever.</summary>
    internal static bool IsUnlocked(object owner) => (Volatile.Read(ref *Lock(owner)) & WordLock.Mask) == 0;

    /// <summary>The word of an object's lock.</summary>
    internal static long* Lock(object owner) =>
        owner.GetType().GetField("_lock", Private) is { } word ? Address(word.GetValue(owner)!, 0) : Address(Words(owner), Marshal.OffsetOf(Words(owner).GetType().GenericTypeArguments[0], "Lock"));

    private static object Words(object owner) =>
        (owner.GetType().GetField("_words", Private) ?? throw new MissingMemberException(owner.GetType().Name, "_words")).GetValue(owner)!;

    private static long* Address(object pinned, nint offset) =>
        (long*)((byte*)Pointer.Unbox(pinned.GetType().GetProperty(nameof(Pinned<long>.Pointer), Private)!.GetValue(pinned)!) + offset);
}
