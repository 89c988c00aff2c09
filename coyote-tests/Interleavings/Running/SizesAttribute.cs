namespace Percpu.Interleavings.Running;

/// <summary>A scenario whose constructor takes one number: it is told once for each of these.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SizesAttribute(params int[] sizes) : Attribute
{
    public int[] Sizes { get; } = sizes;
}
