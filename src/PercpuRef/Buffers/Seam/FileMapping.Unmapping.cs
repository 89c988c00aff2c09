namespace Percpu.Buffers;

// Apart from the rest, which the seam for users' tests takes as it is.
internal sealed unsafe partial class FileMapping
{
    /// <summary>Unmaps. Called once, when no pin is left.</summary>
    internal void Unmap() => Close();
}
