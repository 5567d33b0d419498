using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Callgate.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>What an exact upstream received.</summary>
internal sealed record ExactMessage(string Http, string Path, string Body, string? LastEventId, JsonElement Json)
{
    public string? Method => Json.Text("method");

    /// <summary>The id as it stands in the body.</summary>
    public string Id => Json.Member("id").GetRawText();
}

/// <summary>An HTTP upstream that answers in exactly the bytes a test gives it, which no server library would write.</summary>
internal sealed class ExactUpstream : IAsyncDisposable
{
    private readonly WebApplication app;

    private ExactUpstream(WebApplication app) => this.app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>Members of the result of <c>initialize</c> after <c>protocolVersion</c>.</summary>
    public string Introduction { get; set; } = """
        "capabilities":{"tools":{}},"serverInfo":{"name":"exact","version":"1"}
        """;

    public string Version { get; set; } = "2025-11-25";

    /// <summary>The result of <c>tools/list</c>.</summary>
    public string ToolList { get; set; } = """{"tools":[{"name":"t","inputSchema":{"type":"object"}}]}""";

    /// <summary>Answers in place of the rest; false leaves the request to it.</summary>
    public Func<HttpContext, ExactMessage, Task<bool>> Answer { get; set; } = static (_, _) => Task.FromResult(false);

    /// <summary>Whole frames for the listening stream, written as they come.</summary>
    public Channel<string> Apart { get; } = Channel.CreateUnbounded<string>();

    public ConcurrentQueue<ExactMessage> Received { get; } = new();

    /// <summary>The client's answers to what was asked.</summary>
    public Channel<ExactMessage> Answers { get; } = Channel.CreateUnbounded<ExactMessage>();

    public static async Task<ExactUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var upstream = new ExactUpstream(app);
        app.Run(upstream.HandleAsync);
        await app.StartAsync();
        upstream.Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/mcp");
        return upstream;
    }

    public static async Task JsonAsync(HttpContext context, string body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    /// <summary>Writes frames of a stream; the stream goes on as long as the request does.</summary>
    public static async Task FramesAsync(HttpContext context, params string[] frames)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
        }

        foreach (var frame in frames)
        {
            await context.Response.WriteAsync(frame);
        }

        await context.Response.Body.FlushAsync();
    }

    /// <summary>A frame that holds one message, without an id.</summary>
    public static string Frame(string message) => $"data: {message}\n\n";

    /// <summary>The next answer of a client.</summary>
    public async Task<ExactMessage> AnswerAsync() => await Answers.Reader.ReadAsync().AsTask().WaitAsync(LegacyRig.Patience);

    public async ValueTask DisposeAsync()
    {
        Apart.Writer.TryComplete();
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var last = context.Request.Headers["Last-Event-ID"];
        var message = new ExactMessage(context.Request.Method, context.Request.Path, body, last.Count == 0 ? null : last.ToString(), Lenient.TryParse(Encoding.UTF8.GetBytes(body)));
        Received.Enqueue(message);
        if (await Answer(context, message))
        {
            return;
        }

        if (message.Http == "GET")
        {
            await ApartAsync(context);
        }
        else if (message.Method == "initialize")
        {
            context.Response.Headers["Mcp-Session-Id"] = "exact-session";
            await JsonAsync(context, $$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"result":{"protocolVersion":"{{{{Version}}}}",{{{{Introduction}}}}}}""");
        }
        else if (message.Method == "tools/list" && !message.Json.Member("params").Has("_meta"))
        {
            await JsonAsync(context, $$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"result":{{{{ToolList}}}}}""");
        }
        else if (message.Method is not null && message.Json.Has("id"))
        {
            await JsonAsync(context, $$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"error":{"code":-32601,"message":"Method not found"}}""", 404);
        }
        else
        {
            context.Response.StatusCode = 202;
            if (message.Method is null && message.Http == "POST")
            {
                await Answers.Writer.WriteAsync(message);
            }
        }
    }

    private async Task ApartAsync(HttpContext context)
    {
        await FramesAsync(context, ": open\n\n");
        await foreach (var frame in Apart.Reader.ReadAllAsync(context.RequestAborted))
        {
            await FramesAsync(context, frame);
        }
    }
}
