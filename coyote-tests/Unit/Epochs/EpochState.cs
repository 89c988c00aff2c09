using System.Reflection;

namespace Percpu.Unit.Epochs;

/// <summary>Looks at words of a domain that no member tells.</summary>
internal static unsafe class EpochState
{
    private static readonly FieldInfo Words = typeof(EpochDomain).GetField("_words", BindingFlags.Instance | BindingFlags.NonPublic)!;

    /// <summary>0: no background thread; 1: running; 2: asleep.</summary>
    internal static long Reclaimer(EpochDomain domain)
    {
        var words = (EpochWords*)Pointer.Unbox(Words.GetValue(domain)!);
        return Volatile.Read(ref words->Reclaimer);
    }
}
