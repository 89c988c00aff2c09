namespace Percpu.Pagemap;

/// <summary>What memory stands behind a physical range.</summary>
public enum RegionBacking
{
    /// <summary>Memory of the process.</summary>
    Anonymous,

    /// <summary>A file in an ordinary shared mapping: stores reach the medium with a flush.</summary>
    SharedFile,

    /// <summary>A file of a DAX file system, mapped with MAP_SYNC: stores go to the medium itself.</summary>
    SynchronousFile,

    /// <summary>Memory of a device that the process cannot touch.</summary>
    Protected,
}
