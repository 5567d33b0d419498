using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures.Profiles;

/// <summary>
/// One of the five systems: its tool names and input schemas, and its manner of answering. A tool without a manner of
/// its own answers with its name and the arguments that arrived, so that a test sees what came through.
/// </summary>
public abstract class ImitatedSystem : Profile
{
    protected ImitatedSystem() => ChangeTools(tools =>
    {
        foreach (var tool in Embedded(Name + ".tools.json"))
        {
            tools.Add(tool!.DeepClone());
        }
    });

    public sealed override async ValueTask<JsonNode?> CallAsync(Turn turn)
    {
        if (Tool(turn.Tool).ValueKind == JsonValueKind.Undefined)
        {
            return UnknownTool(turn.Tool);
        }

        return await AnswerAsync(turn);
    }

    /// <summary>Both common SDKs answer an unknown tool with a result, not with an error.</summary>
    protected virtual JsonObject UnknownTool(string name) => TextResult($"Unknown tool: {name}", isError: true);

    protected abstract ValueTask<JsonNode?> AnswerAsync(Turn turn);

    protected static JsonObject Arrived(Turn turn) => TextResult(new JsonObject
    {
        ["tool"] = turn.Tool,
        ["arguments"] = turn.Arguments.ToNode() ?? new JsonObject(),
    }.Write());
}

/// <summary>Speaks 2024-11-05 only, says failure in the text with `isError` false, and ends at the first message out of turn.</summary>
public sealed class Dagster : ImitatedSystem
{
    private static readonly string[] Known =
    [
        "initialize", "ping", "tools/list", "tools/call", "resources/list", "resources/read", "resources/templates/list",
        "prompts/list", "prompts/get", "logging/setLevel", "completion/complete",
    ];

    public override string Name => "dagster";

    public override string? OnlyVersion => "2024-11-05";

    public override bool Dies(FixtureSession session, JsonElement message)
    {
        var method = message.Text("method") ?? "";
        if (method == "initialize")
        {
            return false;
        }

        var wrongTypes = method == "tools/call" && message.Member("params").Text("name") is null;
        return !session.Initialized || !Known.Contains(method) || wrongTypes;
    }

    protected override ValueTask<JsonNode?> AnswerAsync(Turn turn)
    {
        var run = turn.Arguments.Text("run_id");
        JsonNode? answer = turn.Tool switch
        {
            "terminate_run" when run is not null && run.StartsWith("run-", StringComparison.Ordinal) => Outcome(true, $"Run {run} is being stopped (new status: CANCELING)"),
            "terminate_run" => Outcome(false, $"Run {run} does not exist or has ended"),
            _ => Arrived(turn),
        };
        return ValueTask.FromResult<JsonNode?>(answer);
    }

    private static JsonObject Outcome(bool success, string text) =>
        TextResult(new JsonObject { ["success"] = success, ["message"] = text }.Write());
}

/// <summary>Text answers, `execution` and annotations on every tool, list changes announced.</summary>
public sealed class Trigger : ImitatedSystem
{
    public override string Name => "trigger";

    public override JsonObject Capabilities() => new() { ["tools"] = new JsonObject { ["listChanged"] = true }, ["logging"] = new JsonObject() };

    protected override JsonObject UnknownTool(string name) => TextResult($"MCP error -32602: Tool {name} not found", isError: true);

    protected override ValueTask<JsonNode?> AnswerAsync(Turn turn)
    {
        var run = turn.Arguments.Text("runId");
        JsonNode? answer = turn.Tool switch
        {
            "cancel_run" when run is not null && run.StartsWith("run_", StringComparison.Ordinal) => TextResult(new JsonObject { ["id"] = run, ["status"] = "CANCELED" }.Write()),
            "cancel_run" => TextResult($"Run {run} was not found", isError: true),
            _ => Arrived(turn),
        };
        return ValueTask.FromResult<JsonNode?>(answer);
    }
}

/// <summary>Echoes the request id it saw, and reports progress on the GET stream instead of the call's own.</summary>
public sealed class Databricks : ImitatedSystem
{
    public override string Name => "databricks";

    public override bool ProgressOnGet => true;

    public override JsonObject Capabilities() => new()
    {
        ["tools"] = new JsonObject { ["listChanged"] = false },
        ["resources"] = new JsonObject { ["subscribe"] = false, ["listChanged"] = false },
    };

    public override JsonArray Resources() => [];

    public override JsonArray Templates() => [];

    protected override async ValueTask<JsonNode?> AnswerAsync(Turn turn)
    {
        await turn.ProgressAsync(0, 1, "sent");
        var answer = Answer(turn);
        await turn.ProgressAsync(1, 1, "done");
        answer["_meta"] = new JsonObject { ["tool"] = turn.Tool, ["_request_id"] = turn.Id.ToString() };
        return answer;
    }

    private static JsonObject Answer(Turn turn)
    {
        if (turn.Tool == "export_notebook")
        {
            var link = new JsonObject { ["type"] = "resource_link", ["uri"] = "resource://databricks/exports/1", ["name"] = "export" };
            return new JsonObject { ["content"] = new JsonArray(link), ["isError"] = false };
        }

        if (turn.Tool != "cancel_run")
        {
            return Arrived(turn);
        }

        var run = turn.Arguments.Member("run_id").ToString();
        if (run == "404")
        {
            return TextResult("404 from http://127.0.0.1/api/2.1/jobs/runs/cancel: no such run", isError: true);
        }

        var result = TextResult($"Stop asked for run {run}");
        result["structuredContent"] = new JsonObject();
        return result;
    }
}

/// <summary>A finished run is an `isError` text; everything else succeeds with a small JSON text.</summary>
public sealed class Flowforge : ImitatedSystem
{
    public override string Name => "flowforge";

    protected override JsonObject UnknownTool(string name) => TextResult($"MCP error -32602: Tool {name} not found", isError: true);

    protected override ValueTask<JsonNode?> AnswerAsync(Turn turn)
    {
        var run = turn.Arguments.Text("run_id");
        JsonNode? answer = turn.Tool switch
        {
            "flowforge_cancel_run" when run == "finished" => TextResult("Error: the run has ended, it cannot be stopped", isError: true),
            "flowforge_cancel_run" => TextResult(new JsonObject { ["success"] = true, ["message"] = "Run stopped" }.Write()),
            _ => Arrived(turn),
        };
        return ValueTask.FromResult<JsonNode?>(answer);
    }
}

/// <summary>Keeps terminals; a closed one is refused with `isError` false. Asks the client for a sample while it runs a command.</summary>
public sealed class Piloty : ImitatedSystem
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> closed = new(StringComparer.Ordinal);

    public override string Name => "piloty";

    protected override async ValueTask<JsonNode?> AnswerAsync(Turn turn)
    {
        var unknown = UnknownArgument(turn);
        if (unknown is not null)
        {
            return TextResult($"1 validation error: {unknown}: extra inputs are not permitted", isError: true);
        }

        var id = turn.Arguments.Text("session_id") ?? "";
        if (turn.Tool == "terminate")
        {
            closed[id] = true;
            return Status("terminated");
        }

        if (closed.ContainsKey(id))
        {
            return turn.Tool == "create_session" ? TextResult("""{"created":false}""") : Status("terminated");
        }

        if (turn.Tool != "run")
        {
            return turn.Tool == "create_session" ? TextResult("""{"created":true}""") : Arrived(turn);
        }

        var opinion = turn.ClientCapabilities.Has("sampling") ? await SampleAsync(turn) : "none";
        return TextResult(new JsonObject { ["status"] = "ok", ["output"] = turn.Arguments.Text("command"), ["opinion"] = opinion }.Write());
    }

    private static async ValueTask<string> SampleAsync(Turn turn)
    {
        try
        {
            var answer = await turn.AskAsync("status", "sampling/createMessage", Lenient.Parse(
                """{"messages":[{"role":"user","content":{"type":"text","text":"Has the command finished?"}}],"maxTokens":16}"""));
            return answer.Member("content").Text("text") ?? "unreadable";
        }
        catch (RpcException)
        {
            return "refused";
        }
    }

    private string? UnknownArgument(Turn turn)
    {
        var known = Tool(turn.Tool).Member("inputSchema").Member("properties");
        return turn.Arguments.ValueKind == JsonValueKind.Object
            ? turn.Arguments.EnumerateObject().Select(a => a.Name).FirstOrDefault(name => !known.Has(name))
            : null;
    }

    private static JsonObject Status(string status) => TextResult(new JsonObject { ["status"] = status, ["output"] = "" }.Write());
}
