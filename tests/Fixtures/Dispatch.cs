using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures;

/// <summary>Turns one request into one answer; the transports carry both.</summary>
internal sealed class Dispatch(FixtureServer server)
{
    private static readonly string[] LegacyVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    /// <summary>The answer's text and its HTTP status; null text when the request was cancelled.</summary>
    public async Task<(string? Text, int Status)> AnswerAsync(Turn turn, Func<string, string?>? header = null)
    {
        try
        {
            var result = turn.IsModern ? await ModernAsync(turn, header) : await LegacyAsync(turn);
            return (Envelope(turn, "result", result), 200);
        }
        catch (InputRequired ask)
        {
            return (Envelope(turn, "result", ask.Result), 200);
        }
        catch (RpcException error)
        {
            var body = new JsonObject { ["code"] = error.Code, ["message"] = error.Message };
            if (error.ErrorData is { } data)
            {
                body["data"] = data.DeepClone();
            }

            return (Envelope(turn, "error", body), turn.IsModern ? error.Status : 200);
        }
        catch (OperationCanceledException)
        {
            return (null, 200);
        }
        finally
        {
            server.Listeners.TryRemove(turn, out _);
        }
    }

    /// <summary>Takes a notification of the client.</summary>
    public void Notice(FixtureSession session, JsonElement message)
    {
        switch (message.Text("method"))
        {
            case "notifications/initialized":
                session.Initialized = true;
                break;
            case "notifications/cancelled" when message.Member("params").Member("requestId") is { ValueKind: not JsonValueKind.Undefined } id:
                if (session.Running.TryGetValue(id.GetRawText(), out var turn))
                {
                    turn.Cancellation.Cancel();
                }

                break;
        }
    }

    public async ValueTask TellListenerAsync(Turn listener, string method, JsonObject parameters, string filter)
    {
        var wanted = listener.Params.Member("notifications").Member(filter);
        var uri = parameters["uri"]?.GetValue<string>();
        var wants = wanted.ValueKind == JsonValueKind.True
            || (wanted.ValueKind == JsonValueKind.Array && wanted.EnumerateArray().Any(v => v.GetString() == uri));
        if (!wants)
        {
            return;
        }

        var marked = parameters.DeepClone().AsObject();
        marked["_meta"] = new JsonObject { [Modern.SubscriptionKey] = listener.Id.ToNode() };
        await listener.NotifyAsync(method, marked);
    }

    private static string Envelope(Turn turn, string member, JsonNode? value) =>
        new JsonObject { ["jsonrpc"] = "2.0", ["id"] = turn.Id.ToNode(), [member] = value }.Write();

    private async Task<JsonNode?> LegacyAsync(Turn turn)
    {
        if (!server.Eras.HasFlag(FixtureEras.Legacy))
        {
            // A server that has never heard of `initialize`.
            throw turn.Method == "initialize"
                ? new RpcException(-32601, "Method not found: initialize")
                : new RpcException(-32602, $"_meta lacks {Modern.VersionKey}", null, 400);
        }

        return turn.Method switch
        {
            "initialize" => Initialize(turn),
            "ping" => new JsonObject(),
            "logging/setLevel" => SetLevel(turn),
            "resources/subscribe" => Subscribe(turn, true),
            "resources/unsubscribe" => Subscribe(turn, false),
            _ => await SharedAsync(turn),
        };
    }

    private async Task<JsonNode?> ModernAsync(Turn turn, Func<string, string?>? header)
    {
        if (!server.Eras.HasFlag(FixtureEras.Modern))
        {
            throw new RpcException(-32601, $"Method not found: {turn.Method}", null, 404);
        }

        // The headers first: a version nobody knows may still differ from the one in the header.
        if (header is not null)
        {
            Modern.CheckHeaders(turn, header, server.Profile.Tool(turn.Tool).Member("inputSchema"));
        }

        Modern.CheckMeta(turn, server.ModernVersions);

        var result = turn.Method switch
        {
            "server/discover" => Discover(),
            "subscriptions/listen" => await ListenAsync(turn),
            _ => await SharedAsync(turn),
        };
        if (result is JsonObject members)
        {
            Complete(turn, members);
        }

        return result;
    }

    private void Complete(Turn turn, JsonObject result)
    {
        result.TryAdd("resultType", "complete");
        if (turn.Method is "server/discover" or "resources/read" || turn.Method.EndsWith("/list", StringComparison.Ordinal))
        {
            result.TryAdd("ttlMs", 1000);
            result.TryAdd("cacheScope", "public");
        }

        if (result["_meta"] is not JsonObject)
        {
            result["_meta"] = new JsonObject();
        }

        result["_meta"]!["io.modelcontextprotocol/serverInfo"] = server.Profile.ServerInfo();
    }

    private async Task<JsonNode?> SharedAsync(Turn turn)
    {
        var profile = server.Profile;
        if (server.Options.OnRequest is { } first)
        {
            await first(turn);
        }

        switch (turn.Method)
        {
            case "tools/list":
                return Page(turn, "tools", profile.Tools(turn));
            case "tools/call":
                return server.Options.OnCall is { } scripted && await scripted(turn) is { } answer ? answer : await profile.CallAsync(turn);
            case "resources/list":
                return Page(turn, "resources", profile.Resources());
            case "resources/templates/list":
                return Page(turn, "resourceTemplates", profile.Templates());
            case "resources/read":
                return profile.Read(turn);
            case "prompts/list":
                return Page(turn, "prompts", profile.Prompts());
            case "prompts/get":
                return await profile.PromptAsync(turn);
            case "completion/complete":
                return profile.Complete(turn);
            default:
                return profile.Other(turn) ?? throw new RpcException(-32601, $"Method not found: {turn.Method}", null, 404);
        }
    }

    private JsonObject Page(Turn turn, string member, JsonArray all)
    {
        all = server.Profile.Instead.TryGetValue(member, out var instead) ? instead.AsArray() : all;
        var cursor = turn.Params.Text("cursor");
        var from = 0;
        if (cursor is not null && (!cursor.StartsWith("at-", StringComparison.Ordinal) || !int.TryParse(cursor[3..], out from) || from > all.Count))
        {
            throw new RpcException(-32602, "unknown cursor");
        }

        var size = server.Options.PageSize == 0 ? all.Count : server.Options.PageSize;
        var page = new JsonObject { [member] = new JsonArray([.. all.Skip(from).Take(size).Select(i => i!.DeepClone())]) };
        if (from + size < all.Count)
        {
            page["nextCursor"] = "at-" + (from + size).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        page["_meta"] = new JsonObject { ["fixture/list"] = member };
        return page;
    }

    private JsonObject Initialize(Turn turn)
    {
        var asked = turn.Params.Text("protocolVersion") ?? "";
        turn.Session.Version = server.OnlyVersion ?? (LegacyVersions.Contains(asked) ? asked : LegacyVersions[^1]);
        turn.Session.ClientCapabilities = turn.Params.Member("capabilities");
        var result = new JsonObject
        {
            ["protocolVersion"] = turn.Session.Version,
            ["capabilities"] = server.Profile.Capabilities(),
            ["serverInfo"] = server.Profile.ServerInfo(),
        };
        if ((server.Profile.Instead.TryGetValue("instructions", out var instead) ? instead.GetValue<string>() : server.Profile.Instructions) is { } instructions)
        {
            result["instructions"] = instructions;
        }

        return result;
    }

    private JsonObject Discover()
    {
        var result = new JsonObject
        {
            ["supportedVersions"] = new JsonArray([.. server.ModernVersions.Select(v => (JsonNode)v)]),
            ["capabilities"] = server.Profile.Capabilities(),
        };
        if ((server.Profile.Instead.TryGetValue("instructions", out var instead) ? instead.GetValue<string>() : server.Profile.Instructions) is { } instructions)
        {
            result["instructions"] = instructions;
        }

        return result;
    }

    private async Task<JsonNode?> ListenAsync(Turn turn)
    {
        var honoured = turn.Params.Member("notifications").ToNode() ?? new JsonObject();
        await turn.NotifyAsync("notifications/subscriptions/acknowledged", new JsonObject
        {
            ["notifications"] = honoured,
            ["_meta"] = new JsonObject { [Modern.SubscriptionKey] = turn.Id.ToNode() },
        });
        server.Listeners[turn] = true;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        turn.Listening = ended;
        await ended.Task.WaitAsync(turn.Cancelled);
        return new JsonObject { ["_meta"] = new JsonObject { [Modern.SubscriptionKey] = turn.Id.ToNode() } };
    }

    private static JsonObject SetLevel(Turn turn)
    {
        turn.Session.LogLevel = turn.Params.Text("level") ?? throw new RpcException(-32602, "level is missing");
        return [];
    }

    private static JsonObject Subscribe(Turn turn, bool on)
    {
        var uri = turn.Params.Text("uri") ?? throw new RpcException(-32602, "uri is missing");
        if (on)
        {
            turn.Session.Subscriptions[uri] = true;
        }
        else
        {
            turn.Session.Subscriptions.TryRemove(uri, out _);
        }

        return [];
    }
}
