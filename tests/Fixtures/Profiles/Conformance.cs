using System.Globalization;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures.Profiles;

/// <summary>What the official conformance suite asks of a server, in both eras: its tools, resources and prompts by the names it calls them.</summary>
public sealed class Conformance : Profile
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
    private const string Wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";
    private const string Sampling = "sampling/createMessage";
    private const string Elicitation = "elicitation/create";
    private const string Asking = "test_input_required_result_";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public Conformance() => ChangeTools(tools =>
    {
        foreach (var tool in Embedded("conformance.tools.json"))
        {
            tools.Add(tool!.DeepClone());
        }
    });

    public override string Name => "conformance";

    public override FixtureEras Eras => FixtureEras.Dual;

    public override bool ChecksHost => true;

    public override JsonObject Capabilities() => Lenient.Parse(
        """{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{},"completions":{}}""");

    public override async ValueTask<JsonNode?> CallAsync(Turn turn) => turn.Tool switch
    {
        "test_simple_text" => TextResult("a simple text"),
        "test_image_content" => Content(Image()),
        "test_audio_content" => Content(new JsonObject { ["type"] = "audio", ["data"] = Wav, ["mimeType"] = "audio/wav" }),
        "test_embedded_resource" => Content(Inside("test://embedded-resource")),
        "test_multiple_content_types" => Content(Text("three kinds"), Image(), Inside("test://mixed-content-resource")),
        "test_tool_with_logging" => await LogAsync(turn),
        "test_tool_with_progress" => await ProgressAsync(turn),
        "test_error_handling" => TextResult("the tool could not do it", isError: true),
        "test_reconnection" => await ReconnectAsync(turn),
        "json_schema_2020_12_tool" or "test_x_mcp_header" => TextResult(turn.Arguments.GetRawText()),
        "test_logging_tool" => await LogWhereAskedAsync(turn),
        "test_trigger_tool_change" => await ChangeToolsAsync(turn),
        "test_trigger_prompt_change" => await ChangePromptsAsync(turn),
        _ => turn.Tool.StartsWith(Asking, StringComparison.Ordinal) ? AskModern(turn, turn.Tool[Asking.Length..]) : await AskAsync(turn),
    };

    public override JsonArray Resources() => JsonNode.Parse(
        """
        [{"uri":"test://static-text","name":"static-text","description":"a text","mimeType":"text/plain"},
         {"uri":"test://static-binary","name":"static-binary","description":"an image","mimeType":"image/png"},
         {"uri":"test://watched-resource","name":"watched-resource","description":"a text that can be watched","mimeType":"text/plain"}]
        """)!.AsArray();

    public override JsonArray Templates() => JsonNode.Parse(
        """[{"uriTemplate":"test://template/{id}/data","name":"template","description":"a resource for every id","mimeType":"application/json"}]""")!.AsArray();

    public override JsonNode? Read(Turn turn)
    {
        var uri = turn.Params.Text("uri") ?? throw new RpcException(-32602, "uri is missing");
        var content = uri switch
        {
            "test://static-text" or "test://watched-resource" => new JsonObject { ["uri"] = uri, ["mimeType"] = "text/plain", ["text"] = "the text of " + uri },
            "test://static-binary" => new JsonObject { ["uri"] = uri, ["mimeType"] = "image/png", ["blob"] = Png },
            _ when uri.StartsWith("test://template/", StringComparison.Ordinal) =>
                new JsonObject { ["uri"] = uri, ["mimeType"] = "application/json", ["text"] = new JsonObject { ["id"] = uri.Split('/')[3] }.Write() },
            _ => throw new RpcException(turn.IsModern ? -32602 : -32002, "Resource not found", new JsonObject { ["uri"] = uri }),
        };
        return new JsonObject { ["contents"] = new JsonArray(content) };
    }

    public override JsonArray Prompts() => JsonNode.Parse(
        """
        [{"name":"test_simple_prompt","description":"A prompt without arguments."},
         {"name":"test_prompt_with_arguments","description":"A prompt with two arguments.","arguments":[{"name":"arg1","description":"the first","required":true},{"name":"arg2","description":"the second","required":true}]},
         {"name":"test_prompt_with_embedded_resource","description":"A prompt with a resource inside.","arguments":[{"name":"resourceUri","description":"which resource","required":true}]},
         {"name":"test_prompt_with_image","description":"A prompt with an image."},
         {"name":"test_input_required_result_prompt","description":"A prompt that asks for input first."}]
        """)!.AsArray();

    public override async ValueTask<JsonNode?> PromptAsync(Turn turn) => turn.Params.Text("name") switch
    {
        "test_simple_prompt" => Messages(Text("a simple prompt")),
        "test_prompt_with_arguments" => Messages(Text($"the arguments {Argument(turn, "arg1")} and {Argument(turn, "arg2")}")),
        "test_prompt_with_embedded_resource" => Messages(Inside(Argument(turn, "resourceUri")), Text("read the resource above")),
        "test_prompt_with_image" => Messages(Image(), Text("look at the image above")),
        "test_input_required_result_prompt" => Messages(Text(
            (await turn.AskAsync("user_context", Elicitation, Form("Which context?", "context"))).Member("content").Text("context") ?? "no context")),
        var name => throw new RpcException(-32602, $"Unknown prompt: {name}"),
    };

    public override JsonNode? Complete(Turn turn) => Lenient.Parse("""{"completion":{"values":["paris","park","party"],"total":3,"hasMore":false}}""");

    private static string Argument(Turn turn, string name) => turn.Arguments.Text(name) ?? throw new RpcException(-32602, name + " is missing");

    private static JsonObject Content(params JsonNode?[] blocks) => new() { ["content"] = new JsonArray(blocks) };

    private static JsonObject Messages(params JsonObject[] contents) => new()
    {
        ["messages"] = new JsonArray([.. contents.Select(static content => new JsonObject { ["role"] = "user", ["content"] = content })]),
    };

    private static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };

    private static JsonObject Image() => new() { ["type"] = "image", ["data"] = Png, ["mimeType"] = "image/png" };

    private static JsonObject Inside(string uri) => new()
    {
        ["type"] = "resource",
        ["resource"] = new JsonObject { ["uri"] = uri, ["mimeType"] = "text/plain", ["text"] = "the text of " + uri },
    };

    private static JsonObject Form(string message, params string[] fields) => new()
    {
        ["message"] = message,
        ["requestedSchema"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(fields.Select(static field => KeyValuePair.Create<string, JsonNode?>(field, new JsonObject { ["type"] = "string" }))),
            ["required"] = new JsonArray([.. fields.Select(static field => (JsonNode)field)]),
        },
    };

    private static JsonObject Confirmation() => Lenient.Parse(
        """{"message":"Please confirm.","requestedSchema":{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}}""");

    private static JsonObject Sample(string question) => new()
    {
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Text(question) }),
        ["maxTokens"] = 100,
    };

    private static ValueTask NoteAsync(Turn turn, string text) =>
        turn.NotifyAsync("notifications/message", new JsonObject { ["level"] = "info", ["logger"] = "fixture", ["data"] = text });

    private static async Task<JsonNode?> LogAsync(Turn turn)
    {
        await NoteAsync(turn, "begun");
        await Task.Delay(Pause, turn.Cancelled);
        await NoteAsync(turn, "at work");
        await Task.Delay(Pause, turn.Cancelled);
        await NoteAsync(turn, "done");
        return TextResult("logged");
    }

    private static async Task<JsonNode?> LogWhereAskedAsync(Turn turn)
    {
        if (!turn.IsModern || turn.Meta.Has(Modern.LogLevelKey))
        {
            await NoteAsync(turn, "asked for");
        }

        return TextResult("done");
    }

    private static async Task<JsonNode?> ProgressAsync(Turn turn)
    {
        await turn.ProgressAsync(0, 100);
        await Task.Delay(Pause, turn.Cancelled);
        await turn.ProgressAsync(50, 100);
        await Task.Delay(Pause, turn.Cancelled);
        await turn.ProgressAsync(100, 100);
        return TextResult("done");
    }

    private static async Task<JsonNode?> ReconnectAsync(Turn turn)
    {
        turn.DropConnection?.Invoke();
        await Task.Delay(Pause, turn.Cancelled);
        return TextResult("finished after the connection");
    }

    /// <summary>What is asked in either era: on the call's own stream, or by the result `input_required`.</summary>
    private static async Task<JsonNode?> AskAsync(Turn turn)
    {
        var answer = turn.Tool switch
        {
            "test_sampling" => await turn.AskAsync("sample", Sampling, Sample(Argument(turn, "prompt"))),
            "test_elicitation" => await turn.AskAsync("who", Elicitation, Form(Argument(turn, "message"), "username", "email")),
            "test_elicitation_sep1034_defaults" => await turn.AskAsync("defaults", Elicitation, Lenient.Parse(
                """
                {"message":"Everything has a default.","requestedSchema":{"type":"object","required":[],"properties":{
                  "name":{"type":"string","default":"John Doe"},"age":{"type":"integer","default":30},"score":{"type":"number","default":95.5},
                  "status":{"type":"string","enum":["active","inactive","pending"],"default":"active"},"verified":{"type":"boolean","default":true}}}}
                """)),
            "test_elicitation_sep1330_enums" => await turn.AskAsync("choices", Elicitation, Lenient.Parse(
                """
                {"message":"Choose.","requestedSchema":{"type":"object","required":[],"properties":{
                  "untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
                  "titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"}]},
                  "legacyEnum":{"type":"string","enum":["opt1","opt2"],"enumNames":["Option One","Option Two"]},
                  "untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},
                  "titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},{"const":"value2","title":"Second Choice"}]}}}}}
                """)),
            "test_missing_capability" => await turn.AskAsync("sample", Sampling, Sample("Anything?")),
            "test_streaming_elicitation" => await turn.AskAsync("name", Elicitation, Form("What is your name?", "name")),
            _ => throw new RpcException(-32602, $"Unknown tool: {turn.Tool}"),
        };
        return TextResult(answer.GetRawText());
    }

    /// <summary>The rounds of 2026-07-28; a legacy client is not asked in these ways.</summary>
    private static JsonObject AskModern(Turn turn, string tool)
    {
        if (!turn.IsModern)
        {
            throw new RpcException(-32602, $"{turn.Tool} is for 2026-07-28");
        }

        var answers = tool switch
        {
            "elicitation" => Modern.AnswersOf(turn, Person()),
            "sampling" => Modern.AnswersOf(turn, ("capital_question", Sampling, Sample("What is the capital of France?"))),
            "list_roots" => Modern.AnswersOf(turn, Roots()),
            "request_state" or "tampered_state" => Modern.AnswersOf(turn, ("confirm", Elicitation, Confirmation())),
            "multiple_inputs" => Modern.AnswersOf(turn, Person(), ("greeting", Sampling, Sample("Greet somebody.")), Roots()),
            "multi_round" => TwoRounds(turn),
            "capabilities" => Modern.AnswersOf(turn, [.. Answerable(turn)]),
            _ => throw new RpcException(-32602, $"Unknown tool: {turn.Tool}"),
        };
        var state = turn.Params.Text("requestState") is null ? "no state" : "state-ok";
        return TextResult($"{state}, {answers.Count.ToString(CultureInfo.InvariantCulture)} answers: {answers.Write()}");
    }

    private static JsonObject TwoRounds(Turn turn)
    {
        Modern.AnswersOf(turn, ("step1", Elicitation, Form("What is your name?", "name")));
        return Modern.AnswersOf(turn, ("step2", Elicitation, Form("Which colour?", "color")));
    }

    private static (string Key, string Method, JsonObject Parameters) Person() => ("user_name", Elicitation, Form("What is your name?", "name"));

    private static (string Key, string Method, JsonObject Parameters) Roots() => ("client_roots", "roots/list", []);

    private static IEnumerable<(string Key, string Method, JsonObject Parameters)> Answerable(Turn turn)
    {
        (string Key, string Method, JsonObject Parameters)[] all = [Person(), ("greeting", Sampling, Sample("Greet somebody.")), Roots()];
        return all.Where(question => turn.ClientCapabilities.Has(question.Method[..question.Method.IndexOf('/', StringComparison.Ordinal)]));
    }

    private static async Task<JsonNode?> ChangeToolsAsync(Turn turn)
    {
        await turn.Server.ChangeToolsAsync(static tools =>
        {
            var there = tools.FirstOrDefault(static tool => tool!["name"]!.GetValue<string>() == "test_dynamic_tool");
            if (!tools.Remove(there))
            {
                tools.Add(JsonNode.Parse("""{"name":"test_dynamic_tool","description":"Comes and goes.","inputSchema":{"type":"object"}}"""));
            }
        });
        return TextResult("the tools have changed");
    }

    private static async Task<JsonNode?> ChangePromptsAsync(Turn turn)
    {
        await turn.Server.BroadcastAsync("notifications/prompts/list_changed", [], "promptsListChanged");
        return TextResult("the prompts have changed");
    }
}
