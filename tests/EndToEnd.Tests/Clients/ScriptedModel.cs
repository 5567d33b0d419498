using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>A tool call that the model makes, whatever it was told.</summary>
internal sealed record ScriptedCall(string Id, string Tool, JsonObject Input);

/// <summary>
/// A model behind the messages interface that thinks nothing: to the first request with tools it answers with the calls of
/// its script, to their results with one word. It keeps every request, also those that take it for a proxy.
/// </summary>
internal sealed class ScriptedModel : IAsyncDisposable
{
    public const string LastWord = "finished";

    private readonly WebApplication web;
    private readonly IReadOnlyList<ScriptedCall> script;
    private readonly ConcurrentQueue<JsonElement> asked = new();
    private readonly ConcurrentQueue<string> elsewhere = new();

    private ScriptedModel(WebApplication web, IReadOnlyList<ScriptedCall> script)
    {
        this.web = web;
        this.script = script;
    }

    public Uri Root { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Requests that were meant for other addresses and came here as to a proxy; none was passed on.</summary>
    public IReadOnlyList<string> Elsewhere => [.. elsewhere];

    /// <summary>The requests of the conversation itself: those that offer tools.</summary>
    public IReadOnlyList<JsonElement> Conversation => [.. asked.Where(static request => request.Member("tools") is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0)];

    public static async Task<ScriptedModel> StartAsync(params ScriptedCall[] script)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var model = new ScriptedModel(builder.Build(), script);
        model.web.Run(model.AnswerAsync);
        await model.web.StartAsync();
        model.Root = new Uri(model.web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return model;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private static IEnumerable<JsonObject> Events(JsonArray content, string stop)
    {
        var message = new JsonObject
        {
            ["id"] = "msg_1", ["type"] = "message", ["role"] = "assistant", ["model"] = "scripted", ["content"] = new JsonArray(),
            ["stop_reason"] = null, ["stop_sequence"] = null, ["usage"] = Usage(),
        };
        yield return new() { ["type"] = "message_start", ["message"] = message };
        foreach (var (index, block) in content.Index())
        {
            var isCall = block!["type"]!.GetValue<string>() == "tool_use";
            var begun = block.DeepClone().AsObject();
            begun[isCall ? "input" : "text"] = isCall ? new JsonObject() : "";
            var delta = isCall
                ? new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = block["input"]!.ToJsonString() }
                : new JsonObject { ["type"] = "text_delta", ["text"] = block["text"]!.DeepClone() };
            yield return new() { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = begun };
            yield return new() { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = delta };
            yield return new() { ["type"] = "content_block_stop", ["index"] = index };
        }

        yield return new() { ["type"] = "message_delta", ["delta"] = new JsonObject { ["stop_reason"] = stop, ["stop_sequence"] = null }, ["usage"] = Usage() };
        yield return new() { ["type"] = "message_stop" };
    }

    private static JsonObject Usage() => new() { ["input_tokens"] = 1, ["output_tokens"] = 1 };

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Host.ToString() != Root.Authority)
        {
            elsewhere.Enqueue($"{context.Request.Method} {context.Request.Host}{context.Request.Path}");
            context.Response.StatusCode = 403;
            return;
        }

        if (context.Request.Path != "/v1/messages")
        {
            context.Response.StatusCode = 404;
            return;
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        var request = document.RootElement.Clone();
        asked.Enqueue(request);
        var calls = request.Has("tools") && !request.Member("messages").GetRawText().Contains("\"tool_result\"", StringComparison.Ordinal);
        var content = calls
            ? new JsonArray([.. script.Select(static call => new JsonObject { ["type"] = "tool_use", ["id"] = call.Id, ["name"] = call.Tool, ["input"] = call.Input.DeepClone() })])
            : new JsonArray(new JsonObject { ["type"] = "text", ["text"] = LastWord });
        await WriteAsync(context.Response, Events(content, calls ? "tool_use" : "end_turn"));
    }

    private static async Task WriteAsync(HttpResponse response, IEnumerable<JsonObject> events)
    {
        response.ContentType = "text/event-stream";
        var text = new StringBuilder();
        foreach (var sent in events)
        {
            text.Append("event: ").Append(sent["type"]!.GetValue<string>()).Append("\ndata: ").Append(sent.ToJsonString()).Append("\n\n");
        }

        await response.WriteAsync(text.ToString());
    }
}
