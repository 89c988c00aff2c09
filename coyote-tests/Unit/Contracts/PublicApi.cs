using System.Reflection;
using PublicApiGenerator;

namespace Percpu.Unit.Contracts;

/// <summary>A public surface as text.</summary>
internal static class PublicApi
{
    // What is not of the surface: the commit in the version, and who may see internals.
    internal static string Describe(Assembly assembly) =>
        assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
}
