using Percpu.Interleavings.Engines.Coyote;

namespace Percpu.Interleavings.Engines;

internal static partial class EngineCatalog
{
    static partial void CreateCoyote(ref Engine? engine) => engine = new CoyoteEngine();
}
