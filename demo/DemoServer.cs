using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Demo;

/// <summary>The MCP side of the shop: every released protocol version, answered one message at a time.</summary>
internal sealed class DemoServer(Shop shop)
{
    private const string ModernVersion = "2026-07-28";
    private const string VersionKey = "io.modelcontextprotocol/protocolVersion";
    private const string OpeningHours = "shop://opening-hours";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly string[] LegacyVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    /// <summary>The answer to one line, null when there is nothing to answer.</summary>
    public string? Answer(string line)
    {
        if (Parse(line) is not { } message || message["id"] is not { } id || message["method"] is not JsonValue method)
        {
            return null;
        }

        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
        try
        {
            answer["result"] = Result(method.GetValue<string>(), message["params"] as JsonObject ?? []);
        }
        catch (ProtocolError error)
        {
            answer["error"] = error.ToJson();
        }
        catch (InvalidOperationException)
        {
            // A member of another type than the protocol says.
            answer["error"] = new JsonObject { ["code"] = -32602, ["message"] = "invalid params" };
        }

        return answer.ToJsonString();
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line, documentOptions: Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private JsonObject Result(string method, JsonObject parameters)
    {
        var claimed = parameters["_meta"]?[VersionKey]?.GetValue<string>();
        if (claimed is not null && claimed != ModernVersion)
        {
            var details = new JsonObject { ["supported"] = new JsonArray(ModernVersion), ["requested"] = claimed };
            throw new ProtocolError(-32022, "unsupported protocol version", details);
        }

        var isModern = claimed is not null;
        var result = (method, isModern) switch
        {
            ("initialize", false) => Initialize(parameters),
            ("ping", false) => [],
            ("server/discover", true) => Identity(new JsonObject { ["supportedVersions"] = new JsonArray(ModernVersion) }),
            ("tools/list", _) => new JsonObject { ["tools"] = ShopTools.Definitions() },
            ("tools/call", _) => Call(parameters),
            ("prompts/list", _) => Literal("""{"prompts":[{"name":"summarise_orders","description":"Sums up the orders of one customer.","arguments":[{"name":"customer","required":true}]}]}"""),
            ("prompts/get", _) => Prompt(parameters),
            ("resources/list", _) => Literal("""{"resources":[{"uri":"shop://opening-hours","name":"opening-hours","mimeType":"text/plain"}]}"""),
            ("resources/templates/list", _) => Literal("""{"resourceTemplates":[]}"""),
            ("resources/read", _) => Read(parameters, isModern),
            _ => throw new ProtocolError(-32601, $"Method not found: {method}"),
        };
        return isModern ? Modern(method, result) : result;
    }

    private static JsonObject Initialize(JsonObject parameters)
    {
        var asked = parameters["protocolVersion"]?.GetValue<string>();
        var agreed = LegacyVersions.Contains(asked) ? asked : LegacyVersions[^1];
        return Identity(new JsonObject { ["protocolVersion"] = agreed });
    }

    private static JsonObject Identity(JsonObject result)
    {
        result["capabilities"] = Literal("""{"tools":{},"prompts":{},"resources":{}}""");
        result["serverInfo"] = ServerInfo();
        result["instructions"] = "A pretended coffee shop. Nothing here is real, and nothing leaves this process.";
        return result;
    }

    private static JsonObject ServerInfo() => new() { ["name"] = "callgate-demo", ["title"] = "Demo shop", ["version"] = "0.1.0" };

    /// <summary>Members that 2026-07-28 demands of every result, and of every result that may be cached.</summary>
    private static JsonObject Modern(string method, JsonObject result)
    {
        result["resultType"] = "complete";
        result["_meta"] = new JsonObject { ["io.modelcontextprotocol/serverInfo"] = ServerInfo() };
        if (method is "server/discover" or "resources/read" || method.EndsWith("/list", StringComparison.Ordinal))
        {
            result["ttlMs"] = 60000;
            result["cacheScope"] = "public";
        }

        return result;
    }

    private JsonObject Call(JsonObject parameters)
    {
        var name = parameters["name"]?.GetValue<string>() ?? throw new ProtocolError(-32602, "params.name is missing");
        try
        {
            return Text(ShopTools.Call(shop, name, parameters["arguments"] as JsonObject ?? []), isError: false);
        }
        catch (ShopRefusal refusal)
        {
            return Text(refusal.Message, isError: true);
        }
    }

    private static JsonObject Prompt(JsonObject parameters)
    {
        if (parameters["name"]?.GetValue<string>() != "summarise_orders" || parameters["arguments"]?["customer"]?.GetValue<string>() is not { } customer)
        {
            throw new ProtocolError(-32602, "there is one prompt, summarise_orders, and it needs the argument customer");
        }

        var content = new JsonObject { ["type"] = "text", ["text"] = $"List the orders of customer {customer} and sum up what they paid." };
        return new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = content }) };
    }

    private static JsonObject Read(JsonObject parameters, bool isModern)
    {
        if (parameters["uri"]?.GetValue<string>() != OpeningHours)
        {
            throw new ProtocolError(isModern ? -32602 : -32002, "Resource not found");
        }

        var content = new JsonObject { ["uri"] = OpeningHours, ["mimeType"] = "text/plain", ["text"] = "Mon to Fri 9 to 18, Sat 10 to 14" };
        return new JsonObject { ["contents"] = new JsonArray(content) };
    }

    private static JsonObject Text(string text, bool isError) => new()
    {
        ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
        ["isError"] = isError,
    };

    private static JsonObject Literal(string json) => JsonNode.Parse(json)!.AsObject();
}

/// <summary>A JSON-RPC error to answer with.</summary>
internal sealed class ProtocolError(int code, string message, JsonNode? details = null) : Exception(message)
{
    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = code, ["message"] = Message };
        if (details is not null)
        {
            error["data"] = details;
        }

        return error;
    }
}
