using System.Reflection;

namespace Percpu.Unit.Support;

/// <summary>Words of an object that its own source alone reads.</summary>
internal static unsafe class Hidden
{
    /// <summary>The word that a private property points to: <c>LockWord</c>, for one.</summary>
    internal static long Word(object owner, string property)
    {
        PropertyInfo found = owner.GetType().GetProperty(property, BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new MissingMemberException(owner.GetType().Name, property);
        return Volatile.Read(ref *(long*)Pointer.Unbox(found.GetValue(owner)!));
    }

    /// <summary>Whether an object's lock is free: a call that kept it would be noticed by the next one only, which waits for ever.</summary>
    internal static bool IsUnlocked(object owner) => (Word(owner, "LockWord") & 3) == 0;
}
