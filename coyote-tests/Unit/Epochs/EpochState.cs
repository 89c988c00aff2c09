using System.Reflection;

namespace Percpu.Unit.Epochs;

/// <summary>Looks at words of a domain that no member tells.</summary>
internal static unsafe class EpochState
{
    private static readonly FieldInfo Field = typeof(EpochDomain).GetField("_words", BindingFlags.Instance | BindingFlags.NonPublic)!;

    internal static EpochWords* Words(EpochDomain domain) => (EpochWords*)Pointer.Unbox(Field.GetValue(domain)!);

    /// <summary>0: no background thread; 1: running; 2: asleep.</summary>
    internal static long Reclaimer(EpochDomain domain) => Volatile.Read(ref Words(domain)->Reclaimer);
}
