namespace Percpu.Pagemap;

/// <summary>How a driver answered an access to a page in its memory.</summary>
/// <remarks>Kernel: <c>VM_FAULT_*</c>.</remarks>
public enum FaultResult
{
    /// <summary>The page is back; no data had to be moved.</summary>
    Minor,

    /// <summary>The page is back; its data was moved. Kernel: <c>VM_FAULT_MAJOR</c>.</summary>
    Major,

    /// <summary>It cannot be brought back: the access fails. Kernel: <c>VM_FAULT_SIGBUS</c>.</summary>
    Error,

    /// <summary>No page of RAM for it. Kernel: <c>VM_FAULT_OOM</c>.</summary>
    OutOfMemory,
}
