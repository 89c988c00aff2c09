namespace Percpu.Pagemap;

/// <summary>How a range lies to the regions of one kind.</summary>
/// <remarks>Kernel: <c>REGION_DISJOINT</c>, <c>REGION_INTERSECTS</c>, <c>REGION_MIXED</c>.</remarks>
public enum RegionIntersection
{
    /// <summary>It meets none.</summary>
    Disjoint,

    /// <summary>It lies in them and meets no region of another kind.</summary>
    Intersects,

    /// <summary>A part lies in them, another does not or is of another kind.</summary>
    Mixed,
}
