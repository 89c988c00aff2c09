using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Percpu.Examples.KestrelPool;

/// <summary>The one line of a program: <c>builder.Services.AddSlabPool();</c></summary>
public static class KestrelPoolExtensions
{
    /// <summary>Lets Kestrel take its buffers from slabs.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="factory">Where from; it stays the caller's to dispose, also for several servers one after the other. Null
    /// for one of this program's own, which ends with it.</param>
    public static IServiceCollection AddSlabPool(this IServiceCollection services, SlabPoolFactory? factory = null) => factory is null
        ? services.AddSingleton<IMemoryPoolFactory<byte>>(_ => new SlabPoolFactory())
        : services.AddSingleton<IMemoryPoolFactory<byte>>(factory); // An instance: the container does not dispose of it.
}
