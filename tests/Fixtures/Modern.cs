using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures;

/// <summary>The rules that are particular to 2026-07-28.</summary>
internal static class Modern
{
    public const string Released = "2026-07-28";
    public const string VersionKey = "io.modelcontextprotocol/protocolVersion";
    public const string CapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
    public const string SubscriptionKey = "io.modelcontextprotocol/subscriptionId";
    public const string LogLevelKey = "io.modelcontextprotocol/logLevel";
    public const int HeaderMismatch = -32020;
    public const int MissingCapability = -32021;
    public const int UnsupportedVersion = -32022;

    private static readonly byte[] StateKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>Checks what every modern request must carry.</summary>
    public static void CheckMeta(Turn turn, IReadOnlyList<string> versions)
    {
        if (!versions.Contains(turn.Version, StringComparer.Ordinal))
        {
            var data = new JsonObject
            {
                ["supported"] = new JsonArray([.. versions.Select(v => (JsonNode)v)]),
                ["requested"] = turn.Version,
            };
            throw new RpcException(UnsupportedVersion, "unsupported protocol version", data, 400);
        }

        if (turn.Meta.Member(CapabilitiesKey).ValueKind != JsonValueKind.Object)
        {
            throw new RpcException(-32602, $"_meta lacks {CapabilitiesKey}", null, 400);
        }
    }

    /// <summary>Compares the routing headers with the body; throws with 400 where they disagree.</summary>
    public static void CheckHeaders(Turn turn, Func<string, string?> header, JsonElement tool)
    {
        Demand(header, "MCP-Protocol-Version", turn.Version);
        Demand(header, "Mcp-Method", turn.Method);
        var name = turn.Method switch
        {
            "tools/call" or "prompts/get" => turn.Params.Text("name"),
            "resources/read" => turn.Params.Text("uri"),
            _ => null,
        };
        if (name is not null)
        {
            Demand(header, "Mcp-Name", name);
        }

        foreach (var (parameter, path) in MirroredParameters(tool))
        {
            var value = path.Aggregate(turn.Arguments, (element, step) => element.Member(step));
            CheckParameter(header, "Mcp-Param-" + parameter, value);
        }
    }

    /// <summary>The client's answer to what was asked under the key, or an InputRequired that asks for it.</summary>
    public static ValueTask<JsonElement> AnswerOf(Turn turn, string key, string method, JsonObject parameters) =>
        ValueTask.FromResult(JsonSerializer.SerializeToElement(AnswersOf(turn, (key, method, parameters))[key]));

    /// <summary>The client's answers so far, or an InputRequired that asks for all that are missing. What is no object is no answer.</summary>
    public static JsonObject AnswersOf(Turn turn, params (string Key, string Method, JsonObject Parameters)[] questions)
    {
        var answers = OpenState(turn.Params.Text("requestState"));
        foreach (var response in turn.Params.Member("inputResponses") is { ValueKind: JsonValueKind.Object } given ? given.EnumerateObject() : default)
        {
            if (response.Value.ValueKind == JsonValueKind.Object)
            {
                answers[response.Name] = response.Value.ToNode();
            }
        }

        var missing = questions.Where(question => answers[question.Key] is null).ToArray();
        if (missing.Length == 0)
        {
            return answers;
        }

        throw new InputRequired(new JsonObject
        {
            ["resultType"] = "input_required",
            ["inputRequests"] = new JsonObject(missing.Select(static question => KeyValuePair.Create<string, JsonNode?>(
                question.Key, new JsonObject { ["method"] = question.Method, ["params"] = question.Parameters }))),
            ["requestState"] = SealState(answers),
        });
    }

    /// <summary>Undoes the sentinel form of header values that hold more than visible ASCII; null when what it wraps is no base64.</summary>
    public static string? Decode(string value)
    {
        if (!value.StartsWith("=?base64?", StringComparison.Ordinal) || !value.EndsWith("?=", StringComparison.Ordinal))
        {
            return value;
        }

        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value[9..^2], bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static void CheckParameter(Func<string, string?> header, string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            if (header(name) is not null)
            {
                throw new RpcException(HeaderMismatch, $"{name} is sent without its argument", null, 400);
            }

            return;
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            var sent = header(name);
            if (!decimal.TryParse(sent, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number != value.GetDecimal())
            {
                throw new RpcException(HeaderMismatch, $"{name} does not agree with the body", null, 400);
            }

            return;
        }

        Demand(header, name, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
    }

    private static void Demand(Func<string, string?> header, string name, string expected)
    {
        var sent = header(name);
        if (sent is null || !string.Equals(Decode(sent.Trim()), expected, StringComparison.Ordinal))
        {
            throw new RpcException(HeaderMismatch, $"{name} does not agree with the body", null, 400);
        }
    }

    private static IEnumerable<(string Header, string[] Path)> MirroredParameters(JsonElement schema, string[]? above = null)
    {
        var properties = schema.Member("properties");
        if (properties.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var property in properties.EnumerateObject())
        {
            string[] path = [.. above ?? [], property.Name];
            if (property.Value.Text("x-mcp-header") is { } header)
            {
                yield return (header, path);
            }

            foreach (var inner in MirroredParameters(property.Value, path))
            {
                yield return inner;
            }
        }
    }

    private static string SealState(JsonObject answers)
    {
        var body = Encoding.UTF8.GetBytes(answers.Write());
        return Convert.ToBase64String(body) + "." + Convert.ToHexString(HMACSHA256.HashData(StateKey, body));
    }

    private static JsonObject OpenState(string? state)
    {
        if (state is null)
        {
            return [];
        }

        try
        {
            var parts = state.Split('.');
            var body = Convert.FromBase64String(parts[0]);
            if (parts.Length == 2 && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(StateKey, body), Convert.FromHexString(parts[1])))
            {
                return JsonNode.Parse(body)!.AsObject();
            }
        }
        catch (FormatException)
        {
            // Falls through to the one answer for every state that is not ours.
        }

        throw new RpcException(-32602, "requestState is not one of ours");
    }
}
