using System.Runtime.CompilerServices;

namespace Percpu.Pagemap;

/// <summary>Who owns a range of page frames: a map of a device, or the RAM of a space.</summary>
/// <remarks>Kernel: what <c>page->pgmap</c> and the zone of a page tell.</remarks>
public abstract class FrameOwner
{
    private protected FrameOwner()
    {
    }

    /// <summary>The count of a page that nobody holds.</summary>
    internal abstract long IdleCount { get; }

    /// <summary>Flags of a page when it is initialised.</summary>
    internal abstract PageFlags InitialFlags { get; }

    /// <summary>The list slot of a page when it is initialised.</summary>
    internal abstract long InitialLru { get; }

    /// <summary>Takes references of the owner for holds of its pages. The caller holds a page or the owner.</summary>
    internal abstract void Hold(long count);

    /// <summary>Gives back what <see cref="Hold"/> took. The pages may vanish with the last one.</summary>
    internal abstract void Drop(long count);

    /// <summary>A page's count fell to <see cref="IdleCount"/>: the caller owns it alone.</summary>
    internal abstract void PageIdle(Page page);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static FrameOwner FromWord(long word) => ObjectHandle.Target<FrameOwner>(word);
}
