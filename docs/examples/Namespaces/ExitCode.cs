using Percpu.Pagemap;

namespace Percpu.Examples.Namespaces;

/// <summary>What the command ends with.</summary>
internal static class ExitCode
{
    internal const int Done = 0, BadRequest = 1, Damaged = 2;

    /// <summary>Tells a request that cannot be met from a medium that is not what it should be. Null for what is a defect of ours.</summary>
    internal static int? Of(Exception exception) => exception switch
    {
        InfoBlockException { Fault: InfoBlockFault.Foreign or InfoBlockFault.Labelled or InfoBlockFault.Unexpected } => BadRequest,
        InfoBlockException => Damaged,
        FileNotFoundException or DirectoryNotFoundException or EndOfStreamException or PathTooLongException or DiskFullException or DriveNotFoundException => BadRequest,
        BadRequestException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or FormatException or OverflowException or NotSupportedException => BadRequest,
        IOException => Damaged,
        OutOfMemoryException => BadRequest,
        _ => null,
    };
}
