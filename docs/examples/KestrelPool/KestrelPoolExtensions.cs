using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Percpu.Examples.KestrelPool;

/// <summary>The one line of a program: <c>builder.Services.AddSlabPool();</c></summary>
public static class KestrelPoolExtensions
{
    /// <summary>Lets Kestrel take its buffers from slabs.</summary>
    public static IServiceCollection AddSlabPool(this IServiceCollection services, SlabPoolFactory? factory = null) =>
        services.AddSingleton<IMemoryPoolFactory<byte>>(_ => factory ?? new SlabPoolFactory());
}
