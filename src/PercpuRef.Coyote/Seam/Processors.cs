namespace Percpu.Memory;

/// <summary>The seam over Coyote: one processor, so that a test does not depend on where it runs.</summary>
internal static class Processors
{
    internal static int Count => 1;

    internal static int Current => 0;
}
