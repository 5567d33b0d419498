using System.Text;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

/// <summary>A scripted child behind a link, and the words to talk to it.</summary>
internal sealed class LinkedChild : IAsyncDisposable
{
    private readonly ChildIsolation isolation;

    private LinkedChild(ChildIsolation isolation, PipeLink link)
    {
        this.isolation = isolation;
        Link = link;
    }

    public PipeLink Link { get; }

    public static JudgedMessage Initialize { get; } = JudgedMessage.Own(RpcKind.Request, "initialize", "{}"u8.ToArray());

    public static async Task<LinkedChild> StartAsync(TimeProvider? time = null, ServerDefinition? server = null, bool handshake = true)
    {
        var definition = server ?? ScriptedServer.Definition();
        var isolation = ChildIsolation.None();
        var pipe = await ScriptedServer.StartAsync(definition, isolation);
        var link = PipeLink.Start(pipe, definition, time ?? TimeProvider.System, NullLogger.Instance);
        if (handshake)
        {
            var (response, fault) = await link.InitializeAsync(Initialize, default).AsTask().WaitAsync(ScriptedServer.Patience);
            Assert.Null(fault);
            Assert.False(response!.IsError);
        }

        return new LinkedChild(isolation, link);
    }

    public static JudgedMessage Request(string method, string parameters = "{}", long? token = null) =>
        JudgedMessage.Own(RpcKind.Request, method, Encoding.UTF8.GetBytes(parameters)) with { ProgressToken = token };

    public static JudgedMessage Notification(string method, string parameters = "{}") =>
        JudgedMessage.Own(RpcKind.Notification, method, Encoding.UTF8.GetBytes(parameters));

    /// <summary>Makes the child write these lines; <c>$ID</c> in them is the id it was asked under.</summary>
    public static JudgedMessage Emit(long? token, params string[] lines) =>
        Request("emit", JsonSerializer.Serialize(new { lines }), token);

    public static JudgedMessage Emit(params string[] lines) => Emit(null, lines);

    public static async Task<UpstreamEvent?> NextAsync(Exchange exchange) =>
        await exchange.NextAsync(default).AsTask().WaitAsync(ScriptedServer.Patience);

    /// <summary>The result of the response, with nothing before it and nothing after.</summary>
    public static async Task<JsonElement> ResultAsync(Exchange exchange)
    {
        var answer = await NextAsync(exchange);
        Assert.Null(answer!.Fault);
        Assert.Equal(RpcKind.Response, answer.Message!.Kind);
        Assert.True(answer.Message.HasId(exchange.UpstreamId));
        Assert.Null(await NextAsync(exchange));
        return answer.Message.Root.GetProperty("result");
    }

    public static async Task<UpstreamFault> FaultAsync(Exchange exchange)
    {
        var answer = await NextAsync(exchange);
        Assert.Null(answer!.Message);
        Assert.Null(await NextAsync(exchange));
        return answer.Fault!;
    }

    public static async Task<string?> MethodAsync(Exchange exchange) => (await NextAsync(exchange))!.Message!.Method;

    public static async Task<JsonElement> AskAsync(Conversation conversation, JudgedMessage request)
    {
        await using var exchange = await conversation.RequestAsync(request, default);
        return await ResultAsync(exchange);
    }

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        isolation.Dispose();
    }
}
