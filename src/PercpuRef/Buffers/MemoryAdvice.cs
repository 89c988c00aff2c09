namespace Percpu.Buffers;

/// <summary>How mapped memory will be used, as <see cref="MappedMemory.Advise(MemoryAdvice)"/> tells the operating system.</summary>
/// <remarks>POSIX: <c>madvise</c>.</remarks>
public enum MemoryAdvice
{
    /// <summary>No particular way: takes back <see cref="Random"/> and <see cref="Sequential"/>.</summary>
    Normal = 0,

    /// <summary>Here and there: reading ahead is useless.</summary>
    Random = 1,

    /// <summary>From start to end: read far ahead.</summary>
    Sequential = 2,

    /// <summary>Soon: start reading now.</summary>
    WillNeed = 3,

    /// <summary>Put large pages behind it where possible.</summary>
    HugePages = 4,
}
