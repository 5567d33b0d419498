using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Threading.Channels;
using Callgate.Gateway.Upstreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Tests.Upstreams;

/// <summary>A server of 2024-11-05 on a free port whose stream the test writes byte by byte.</summary>
internal sealed class SseServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly Channel<string> stream = Channel.CreateUnbounded<string>();

    private SseServer(WebApplication application) => this.application = application;

    public string Url => application.Urls.First();

    public ConcurrentQueue<(string Path, string Body, IHeaderDictionary Headers)> Posts { get; } = new();

    public ConcurrentQueue<IHeaderDictionary> Streams { get; } = new();

    public int PostStatus { get; set; } = 202;

    public int StreamStatus { get; set; } = 200;

    public string? ContentEncoding { get; set; }

    /// <summary>Answers a post on the stream; by default with its own params.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    public static async Task<SseServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1));
        builder.Logging.ClearProviders();
        var application = builder.Build();
        var server = new SseServer(application);
        application.Run(server.ServeAsync);
        await application.StartAsync();
        return server;
    }

    public ServerDefinition Definition() => new()
    {
        Name = "old",
        Transport = TransportKind.Sse,
        Url = new Uri(Url + "/sse"),
        Headers = ImmutableSortedDictionary<string, string>.Empty.Add("Authorization", "Bearer of-the-server"),
    };

    public void Write(string text) => stream.Writer.TryWrite(text);

    public void End() => stream.Writer.TryComplete();

    public async ValueTask DisposeAsync()
    {
        End();
        await application.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            Posts.Enqueue((context.Request.Path + context.Request.QueryString, body, new HeaderDictionary(context.Request.Headers.ToDictionary())));
            context.Response.StatusCode = PostStatus;
            context.Response.Headers.Location = "/elsewhere";
            if (Answer(body) is { } answer)
            {
                Write($"event: message\ndata: {answer}\n\n");
            }

            return;
        }

        Streams.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary()));
        context.Response.StatusCode = StreamStatus;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.Location = "/elsewhere";
        context.Response.Headers.ContentEncoding = ContentEncoding;
        await context.Response.Body.FlushAsync();
        await foreach (var text in stream.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(text, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
