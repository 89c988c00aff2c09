namespace Percpu.Pagemap;

/// <summary>What ordinary accesses may do in an area.</summary>
/// <remarks>Kernel: <c>VM_READ</c>, <c>VM_WRITE</c>.</remarks>
[Flags]
public enum AreaAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing.</summary>
    Write = 2,

    /// <summary>Both.</summary>
    ReadWrite = Read | Write,
}
