using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures.Profiles;

/// <summary>What a fixture server offers and how it answers; the base offers tools only.</summary>
public abstract class Profile
{
    private readonly Lock gate = new();
    private JsonArray tools = [];

    /// <summary>Lists by their member, and <c>instructions</c>, that stand in the place of the profile's own; to be changed while the server runs.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, JsonNode> Instead { get; } = new(StringComparer.Ordinal);

    public abstract string Name { get; }

    public virtual FixtureEras Eras => FixtureEras.Legacy;

    public virtual bool ProgressOnGet => false;

    public virtual string? OnlyVersion => null;

    public virtual string? Instructions => null;

    /// <summary>Refuses HTTP requests whose Host or Origin names another machine.</summary>
    public virtual bool ChecksHost => false;

    /// <summary>The profile of the name; throws ArgumentException with the known names.</summary>
    public static Profile Named(string name) => name switch
    {
        "everything" => new Everything(),
        "conformance" => new Conformance(),
        "dagster" => new Dagster(),
        "trigger" => new Trigger(),
        "databricks" => new Databricks(),
        "flowforge" => new Flowforge(),
        "piloty" => new Piloty(),
        _ => throw new ArgumentException($"no profile `{name}`; there are everything, conformance, dagster, trigger, databricks, flowforge, piloty"),
    };

    public virtual JsonObject ServerInfo() => new() { ["name"] = "fixture-" + Name, ["version"] = "1.0.0" };

    public virtual JsonObject Capabilities() => new() { ["tools"] = new JsonObject() };

    /// <summary>The tool list as this client sees it.</summary>
    public virtual JsonArray Tools(Turn turn)
    {
        lock (gate)
        {
            return tools.DeepClone().AsArray();
        }
    }

    /// <summary>The definition of a tool, undefined when there is none.</summary>
    public JsonElement Tool(string name)
    {
        lock (gate)
        {
            var tool = tools.FirstOrDefault(t => t!["name"]!.GetValue<string>() == name);
            return tool is null ? default : JsonSerializer.SerializeToElement(tool);
        }
    }

    public void ChangeTools(Action<JsonArray> change)
    {
        lock (gate)
        {
            var changed = tools.DeepClone().AsArray();
            change(changed);
            tools = changed;
        }
    }

    /// <summary>True when this message ends the server for everyone, before it is answered.</summary>
    public virtual bool Dies(FixtureSession session, JsonElement message) => false;

    public abstract ValueTask<JsonNode?> CallAsync(Turn turn);

    public virtual JsonArray Resources() => throw Unknown("resources/list");

    public virtual JsonArray Templates() => throw Unknown("resources/templates/list");

    public virtual JsonNode? Read(Turn turn) => throw Unknown("resources/read");

    public virtual JsonArray Prompts() => throw Unknown("prompts/list");

    public virtual ValueTask<JsonNode?> PromptAsync(Turn turn) => throw Unknown("prompts/get");

    public virtual JsonNode? Complete(Turn turn) => throw Unknown("completion/complete");

    /// <summary>A method outside the protocol; null when it is not known here either.</summary>
    public virtual JsonNode? Other(Turn turn) => null;

    protected static JsonObject TextResult(string text, bool isError = false) => new()
    {
        ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
        ["isError"] = isError,
    };

    protected static JsonArray Embedded(string file)
    {
        using var stream = typeof(Profile).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"the build left out `{file}`");
        return JsonNode.Parse(stream)!["tools"]!.DeepClone().AsArray();
    }

    private static RpcException Unknown(string method) => new(-32601, $"Method not found: {method}", null, 404);
}
