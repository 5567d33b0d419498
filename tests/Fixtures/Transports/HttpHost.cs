using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Callgate.Fixtures.Transports;

/// <summary>Kestrel on the loopback address: records each request whole, then hands it to the transport of its path.</summary>
internal sealed class HttpHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private HttpHost(WebApplication app, Uri root)
    {
        this.app = app;
        Root = root;
    }

    public Uri Root { get; }

    public static async Task<HttpHost> StartAsync(FixtureServer server, int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var streamable = new StreamableHttp(server);
        var old = new OldSse(server);
        app.Run(context => HandleAsync(server, streamable, old, context));
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new HttpHost(app, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private static async Task HandleAsync(FixtureServer server, StreamableHttp streamable, OldSse old, HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.SelectMany(h => h.Value.Select(v => KeyValuePair.Create(h.Key, v ?? ""))).ToArray();
        var path = context.Request.Path.Value + context.Request.QueryString.Value;
        var request = server.Recording.Add(context.Request.Method, path, headers, body.ToArray());
        if (server.IsDead)
        {
            context.Abort();
            return;
        }

        if (server.Profile.ChecksHost && !IsFromHere(context.Request))
        {
            context.Response.StatusCode = 403;
            return;
        }

        if (server.Options.Bearer is { } bearer && request.Header("Authorization") != "Bearer " + bearer)
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return;
        }

        var fault = server.TakeFault(request.Json);
        // On HTTP+SSE the silence is on the other stream, not in the answer to the POST.
        var here = fault?.Kind == FaultKind.NeverAnswer && context.Request.Path == "/messages" ? null : fault;
        if (await HttpFault.BeforeAsync(here, context))
        {
            return;
        }

        var handled = context.Request.Path.Value switch
        {
            "/mcp" => streamable.HandleAsync(context, request, fault),
            "/sse" when context.Request.Method == "GET" => old.OpenAsync(context),
            "/messages" when context.Request.Method == "POST" => old.PostAsync(context, request, fault),
            _ => NotFound(context),
        };
        await handled;
    }

    /// <summary>Host, and Origin where there is one, name this machine: a page of elsewhere cannot reach the server by a name of its own.</summary>
    private static bool IsFromHere(HttpRequest request)
    {
        string?[] names = [request.Host.Host, .. request.Headers.Origin.Select(static origin => Uri.TryCreate(origin, UriKind.Absolute, out var uri) ? uri.Host : null)];
        return names.All(static name => name is "localhost" or "127.0.0.1" or "[::1]");
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }
}
