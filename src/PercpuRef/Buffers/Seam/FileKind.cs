namespace Percpu.Buffers;

/// <summary>What stands behind a path.</summary>
internal enum FileKind
{
    /// <summary>Something the operating system has no word for, or does not tell.</summary>
    Other,

    /// <summary>A file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, with or without a name.</summary>
    Pipe,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A device without a length that anybody could ask for.</summary>
    CharacterDevice,

    /// <summary>A disk, or a part of one.</summary>
    BlockDevice,
}
