using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures.Profiles;

/// <summary>Every feature of the protocol once, in the smallest form that shows it.</summary>
public sealed class Everything : Profile
{
    private const string Static = "test://static-text";
    private const string Watched = "test://watched-resource";

    private static readonly string[] Levels = ["debug", "info", "warning"];

    public Everything() => ChangeTools(tools =>
    {
        foreach (var tool in Embedded("everything.tools.json"))
        {
            tools.Add(tool!.DeepClone());
        }
    });

    public override string Name => "everything";

    public override FixtureEras Eras => FixtureEras.Dual;

    public override string Instructions => "This server exists to be tested against.";

    public override JsonObject ServerInfo() => Lenient.Parse(
        """{"name":"fixture-everything","title":"Everything fixture","version":"1.0.0","websiteUrl":"http://127.0.0.1/","vendorNote":{"kept":true}}""");

    public override JsonObject Capabilities() => Lenient.Parse(
        """{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{},"completions":{},"experimental":{"fixture/extra":{}}}""");

    /// <summary>Like some real servers, offers one tool more to a client that can be asked for a sample.</summary>
    public override JsonArray Tools(Turn turn)
    {
        var tools = base.Tools(turn);
        if (!turn.ClientCapabilities.Has("sampling"))
        {
            tools.Remove(tools.FirstOrDefault(t => t!["name"]!.GetValue<string>() == "ask_sampling"));
        }

        return tools;
    }

    public override async ValueTask<JsonNode?> CallAsync(Turn turn) => turn.Tool switch
    {
        "echo" => Echo(turn),
        "add" => TextResult((turn.Arguments.Number("a", 0) + turn.Arguments.Number("b", 0)).ToString(CultureInfo.InvariantCulture)),
        "slow" => await SlowAsync(turn),
        "log" => await LogAsync(turn),
        "ask_sampling" => Heard(await turn.AskAsync("sample", "sampling/createMessage", Lenient.Parse(
            """{"messages":[{"role":"user","content":{"type":"text","text":"Say something."}}],"maxTokens":32}"""))),
        "ask_elicitation" => Heard(await turn.AskAsync("who", "elicitation/create", Form("name"))),
        "ask_elicitation_url" => Heard(await turn.AskAsync("open", "elicitation/create", UrlForm(turn))),
        "ask_roots" => Heard(await turn.AskAsync("roots", "roots/list", [])),
        "ask_input" => await TwoRoundsAsync(turn),
        "url_required" => throw new RpcException(-32042, "open a page first", new JsonObject { ["elicitations"] = new JsonArray(UrlForm(turn)) }),
        "resource_link" => Content("""{"type":"resource_link","uri":"test://static-text","name":"static-text","mimeType":"text/plain"}"""),
        "mixed" => MixedContent(),
        "structured" => Structured(turn),
        "error" => TextResult("the tool could not do it", isError: true),
        "rpc_error" => throw new RpcException(turn.Arguments.Number("code", -32603), "the tool broke", new JsonObject { ["detail"] = "kept" }),
        "big" => TextResult(new StringBuilder().Append('x', turn.Arguments.Number("bytes", 1024)).ToString()),
        "vendor" => Vendor(),
        "change_tools" => await ChangeToolsAsync(turn),
        "change_resources" => await ChangeResourcesAsync(turn),
        "drop_connection" => await DropAsync(turn),
        "headers" => TextResult(turn.Arguments.Text("region") ?? "none"),
        _ => throw new RpcException(-32602, $"Unknown tool: {turn.Tool}"),
    };

    public override JsonArray Resources() => JsonNode.Parse(
        """
        [{"uri":"test://static-text","name":"static-text","mimeType":"text/plain","_meta":{"fixture/kept":1}},
         {"uri":"test://static-binary","name":"static-binary","mimeType":"image/png"},
         {"uri":"test://watched-resource","name":"watched-resource","mimeType":"text/plain"}]
        """)!.AsArray();

    public override JsonArray Templates() => JsonNode.Parse(
        """[{"uriTemplate":"test://template/{id}/data","name":"template","mimeType":"application/json"}]""")!.AsArray();

    public override JsonNode? Read(Turn turn)
    {
        var uri = turn.Params.Text("uri") ?? throw new RpcException(-32602, "uri is missing");
        var content = uri switch
        {
            Static or Watched => new JsonObject { ["uri"] = uri, ["mimeType"] = "text/plain", ["text"] = "the text of " + uri },
            "test://static-binary" => new JsonObject { ["uri"] = uri, ["mimeType"] = "image/png", ["blob"] = "iVBORw0KGgo=" },
            _ when uri.StartsWith("test://template/", StringComparison.Ordinal) => new JsonObject { ["uri"] = uri, ["mimeType"] = "application/json", ["text"] = "{}" },
            _ => throw new RpcException(turn.IsModern ? -32602 : -32002, "Resource not found", new JsonObject { ["uri"] = uri }),
        };
        return new JsonObject { ["contents"] = new JsonArray(content), ["_meta"] = new JsonObject { ["fixture/kept"] = true } };
    }

    public override JsonArray Prompts() => JsonNode.Parse(
        """
        [{"name":"plain","description":"A prompt without arguments."},
         {"name":"with_arguments","description":"A prompt with arguments.","arguments":[{"name":"subject","required":true},{"name":"tone","required":false}]},
         {"name":"asks","description":"A prompt that asks for input first."}]
        """)!.AsArray();

    public override async ValueTask<JsonNode?> PromptAsync(Turn turn)
    {
        var subject = turn.Params.Text("name") switch
        {
            "plain" => "nothing",
            "with_arguments" => turn.Arguments.Text("subject") ?? throw new RpcException(-32602, "subject is missing"),
            "asks" => (await turn.AskAsync("subject", "elicitation/create", Form("subject"))).Member("content").Text("subject") ?? "nothing",
            var name => throw new RpcException(-32602, $"Unknown prompt: {name}"),
        };
        var message = new JsonObject { ["role"] = "user", ["content"] = new JsonObject { ["type"] = "text", ["text"] = $"Write about {subject}." } };
        return new JsonObject { ["description"] = "a prompt", ["messages"] = new JsonArray(message) };
    }

    public override JsonNode? Complete(Turn turn)
    {
        var begun = turn.Params.Member("argument").Text("value") ?? "";
        string[] all = ["paris", "park", "party"];
        var values = all.Where(v => v.StartsWith(begun, StringComparison.Ordinal)).Select(v => (JsonNode)v).ToArray();
        return new JsonObject { ["completion"] = new JsonObject { ["values"] = new JsonArray(values), ["total"] = values.Length, ["hasMore"] = false } };
    }

    public override JsonNode? Other(Turn turn) => turn.Method == "vendor/extra"
        ? new JsonObject { ["vendor"] = true, ["params"] = turn.Params.ToNode() }
        : null;

    private static JsonObject Echo(Turn turn)
    {
        var result = TextResult(turn.Arguments.Text("text") ?? "");
        result["_meta"] = new JsonObject { ["fixture/arguments"] = turn.Arguments.ToNode(), ["fixture/era"] = turn.Version };
        return result;
    }

    private static JsonObject Heard(JsonElement answer) => TextResult(answer.GetRawText());

    private static JsonObject Content(string content) => new() { ["content"] = new JsonArray(JsonNode.Parse(content)) };

    private static JsonObject Form(string name) => new()
    {
        ["message"] = $"What is the {name}?",
        ["requestedSchema"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [name] = new JsonObject { ["type"] = "string" } },
            ["required"] = new JsonArray(name),
        },
    };

    private static JsonObject UrlForm(Turn turn)
    {
        var form = new JsonObject { ["mode"] = "url", ["message"] = "Open this page.", ["url"] = "http://127.0.0.1/page" };
        if (!turn.IsModern)
        {
            form["elicitationId"] = "elicitation-1";
        }

        return form;
    }

    private static async Task<JsonNode?> SlowAsync(Turn turn)
    {
        var steps = turn.Arguments.Number("steps", 3);
        var pause = TimeSpan.FromMilliseconds(turn.Arguments.Number("ms", 20));
        for (var step = 1; step <= steps; step++)
        {
            await Task.Delay(pause, turn.Cancelled);
            await turn.ProgressAsync(step, steps, $"step {step}");
        }

        return TextResult($"{steps} steps done");
    }

    private static async Task<JsonNode?> LogAsync(Turn turn)
    {
        // A legacy client that has set no level gets everything; a modern one that names none gets nothing.
        var least = turn.IsModern ? turn.Meta.Text(Modern.LogLevelKey) ?? "none" : turn.Session.LogLevel ?? Levels[0];
        foreach (var level in Levels.SkipWhile(l => l != least))
        {
            await turn.NotifyAsync("notifications/message", new JsonObject { ["level"] = level, ["logger"] = "fixture", ["data"] = "a line of " + level });
        }

        return TextResult("logged");
    }

    private static async Task<JsonNode?> TwoRoundsAsync(Turn turn)
    {
        var name = await turn.AskAsync("name", "elicitation/create", Form("name"));
        var colour = await turn.AskAsync("colour", "elicitation/create", Form("colour"));
        return TextResult($"{name.Member("content").Text("name")} likes {colour.Member("content").Text("colour")}");
    }

    private static JsonObject MixedContent() => Lenient.Parse(
        """
        {"content":[{"type":"text","text":"words","annotations":{"audience":["user"],"priority":0.5}},
          {"type":"image","data":"iVBORw0KGgo=","mimeType":"image/png"},{"type":"audio","data":"UklGRg==","mimeType":"audio/wav"},
          {"type":"resource","resource":{"uri":"test://static-text","mimeType":"text/plain","text":"inside"}}]}
        """);

    private static JsonObject Structured(Turn turn)
    {
        var value = new JsonObject { ["temperature"] = 21.50, ["place"] = turn.Arguments.Text("place") ?? "here" };
        var result = TextResult(value.Write());
        result["structuredContent"] = value;
        return result;
    }

    /// <summary>Content of a type no client knows, unknown members everywhere, numbers a typed model would reformat.</summary>
    private static JsonObject Vendor() => Lenient.Parse(
        """
        {"content":[{"type":"vendor/hologram","shape":{"points":[1.0,1e3,12345678901234567890]}},{"type":"text","text":"<é&'>","vendorMember":null}],
         "vendorResult":{"b":1,"a":2},"_meta":{"vendor/trace":"t-1","nested":{"deep":[{}]}}}
        """);

    private static async Task<JsonNode?> ChangeToolsAsync(Turn turn)
    {
        var kind = turn.Arguments.Text("kind") ?? "add";
        await turn.Server.ChangeToolsAsync(tools => Change(tools, kind));
        return TextResult("the tools have changed: " + kind);
    }

    private static void Change(JsonArray tools, string kind)
    {
        switch (kind)
        {
            case "add":
                tools.Add(JsonNode.Parse("""{"name":"added","description":"A tool that was not there before.","inputSchema":{"type":"object"}}"""));
                break;
            case "remove":
                tools.Remove(tools.First(t => t!["name"]!.GetValue<string>() == "add"));
                break;
            default:
                var echo = tools.First(t => t!["name"]!.GetValue<string>() == "echo")!;
                echo["description"] = "Says the text again, and something it did not say before.";
                break;
        }
    }

    private static async Task<JsonNode?> ChangeResourcesAsync(Turn turn)
    {
        var update = new JsonObject { ["uri"] = Watched };
        foreach (var session in turn.Server.Sessions.Values.Where(s => s.Subscriptions.ContainsKey(Watched)))
        {
            await session.Unrelated(Turn.Notification("notifications/resources/updated", update.DeepClone().AsObject()));
        }

        foreach (var listener in turn.Server.Listeners.Keys)
        {
            await turn.Server.Dispatch.TellListenerAsync(listener, "notifications/resources/updated", update, "resourceSubscriptions");
        }

        await turn.Server.BroadcastAsync("notifications/resources/list_changed", [], "resourcesListChanged");
        await turn.Server.BroadcastAsync("notifications/prompts/list_changed", [], "promptsListChanged");
        return TextResult("the resources have changed");
    }

    private static async Task<JsonNode?> DropAsync(Turn turn)
    {
        await turn.NotifyAsync("notifications/message", new JsonObject { ["level"] = "info", ["data"] = "the connection ends now" });
        turn.DropConnection?.Invoke();
        await Task.Delay(TimeSpan.FromMilliseconds(turn.Arguments.Number("ms", 50)), turn.Cancelled);
        return TextResult("finished after the connection");
    }
}
