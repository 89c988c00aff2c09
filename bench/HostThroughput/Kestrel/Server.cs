using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Percpu.Examples.KestrelPool;

namespace Percpu.HostThroughput.Kestrel;

/// <summary>A web server that answers <c>/N</c> with N bytes, from Kestrel's own pool or from slabs. What it is sent it sends
/// back from <c>/echo</c>.</summary>
public sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _application;

    private Server(WebApplication application) => _application = application;

    public string Address => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <param name="factory">The pool; null for Kestrel's own.</param>
    /// <param name="port">0 for any.</param>
    public static async Task<Server> StartAsync(SlabPoolFactory? factory, int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1)); // Requests under way are cut.
        if (factory is not null)
            builder.Services.AddSlabPool(factory);
        WebApplication application = builder.Build();
        application.Run(AnswerAsync);
        await application.StartAsync();
        return new Server(application);
    }

    public static byte ByteAt(int place) => (byte)('a' + place % 23);

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/echo")
        {
            context.Response.ContentLength = context.Request.ContentLength;
            await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
            return;
        }
        int length = int.Parse(context.Request.Path.Value.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
        context.Response.ContentLength = length;
        for (int done = 0; done < length;)
        {
            // At most 64 KiB before it is flushed, so that a reply is made of many blocks and not of one array of its own.
            Span<byte> span = context.Response.BodyWriter.GetSpan();
            int count = Math.Min(span.Length, length - done);
            for (int i = 0; i < count; i++)
                span[i] = ByteAt(done + i);
            context.Response.BodyWriter.Advance(count);
            bool flush = done / 65_536 != (done + count) / 65_536;
            done += count;
            if (flush || done == length)
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }
}
