using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Callgate.Gateway.Tests.Webhooks;

/// <summary>What a receiver got.</summary>
internal sealed record Hook(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonElement.Parse(Body);

    public JsonElement Approval => Json.GetProperty("approval");

    public string Delivery => Headers["Callgate-Delivery"];

    public string Event => Headers["Callgate-Event"];
}

/// <summary>A receiver of webhooks: real Kestrel on loopback, which answers as a test says.</summary>
internal sealed class HookListener : IAsyncDisposable
{
    /// <summary>Stands in every address, as the secret of a Slack address does.</summary>
    public const string SecretPath = "services/canary-of-the-address";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication app;
    private readonly Channel<Hook> arrived = Channel.CreateUnbounded<Hook>();

    private HookListener(WebApplication app) => this.app = app;

    /// <summary>What it answers, after it has noted what came; 204 unless a test says otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = static context =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public int Port { get; private set; }

    public Uri Url => UrlOf(Port);

    /// <summary>How many have come that nobody has looked at.</summary>
    public int Unread => arrived.Reader.Count;

    public static Uri UrlOf(int port) => new($"http://127.0.0.1:{port}/{SecretPath}");

    public static async Task<HookListener> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var listener = new HookListener(builder.Build());
        listener.app.Run(listener.TakeAsync);
        await listener.app.StartAsync();
        listener.Port = new Uri(listener.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return listener;
    }

    /// <summary>A port that nothing listens on.</summary>
    public static async Task<int> FreePortAsync()
    {
        await using var taken = await StartAsync();
        return taken.Port;
    }

    public void AnswerWith(int status) => Answer = context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public async Task<Hook> NextAsync() => await arrived.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        arrived.Writer.TryWrite(new Hook(context.Request.Path, headers, body.ToArray()));
        await Answer(context);
    }
}
