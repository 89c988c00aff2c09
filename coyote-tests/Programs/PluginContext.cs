using System.Reflection;
using System.Runtime.Loader;

namespace Percpu.Programs;

/// <summary>A load context that has the library, and the programs, once more.</summary>
internal sealed class PluginContext(string folder) : AssemblyLoadContext("plug-in", isCollectible: true)
{
    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name!.StartsWith("PercpuRef", StringComparison.Ordinal) ? LoadFromAssemblyPath(Path.Combine(folder, assemblyName.Name + ".dll")) : null;
}
