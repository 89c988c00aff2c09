namespace InterleavingTests;

/// <summary>What a stack does wrong.</summary>
public enum StackFault
{
    None,

    /// <summary>It pops outside of a read section: what it looks at may be freed.</summary>
    NoReadSection,

    /// <summary>It frees what it has popped at once.</summary>
    FreesAtOnce,
}
