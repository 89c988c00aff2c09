namespace Percpu.Pagemap;

/// <summary>Where the pages of an area come from.</summary>
public enum AreaKind
{
    /// <summary>RAM of the area's own, zeros at first. Private: <see cref="GupFlags.Force"/> may write where the area forbids it.</summary>
    Anonymous,

    /// <summary>A disk's own memory, shared with everybody who maps it. Kernel: <c>vma_is_fsdax</c>.</summary>
    Dax,

    /// <summary>Frames that a driver puts in with <see cref="AddressSpace.InsertPfn"/>. Kernel: <c>VM_MIXEDMAP</c>.</summary>
    Mixed,
}
