namespace Percpu.Pagemap;

/// <summary>Which pages a migration looks at.</summary>
/// <remarks>Kernel: <c>MIGRATE_VMA_SELECT_*</c>, which is newer than the patches.</remarks>
[Flags]
public enum MigrateSelect
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Pages of RAM.</summary>
    System = 1,

    /// <summary>Pages of memory that the process cannot address.</summary>
    DevicePrivate = 2,
}
